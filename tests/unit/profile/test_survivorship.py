"""What a merged customer has where both had a value."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from profile_service.domain import (
    AnsweredRequest,
    Attributes,
    Customer,
    FieldKind,
    FieldValue,
    Update,
    decide_update,
    entomb,
    valued,
    with_values,
)
from profile_service.survivorship import Survivor, absorb, entry, survive

MEMBER = Customer("shop", "u_member", 1, 100, True)
VISITOR = Customer("shop", "u_visitor", 1, 200, False)


def number(value: str) -> FieldValue:
    """A field's value that is a number."""
    return FieldValue(FieldKind.NUMBER, value)


def changed(customer: Customer, now_ms: int, *paths: str, **values: object) -> Customer:
    """After an update at a time."""
    request = AnsweredRequest(str(now_ms).encode(), b"")
    update = Update(customer.version, Attributes(**values), paths, request, now_ms)  # type: ignore[arg-type]
    return decide_update(customer, update)[0]


def merged(target: Customer, source: Customer, **survivors: Survivor) -> Attributes:
    """What the target has in the end."""
    tombstone = entomb(source, target.customer_id, 900)
    return absorb(target, tombstone, survivors).attributes


def test_newest_and_oldest_go_by_when_each_value_was_set() -> None:
    """An attribute that was there from the creation is as old as its customer."""
    member = changed(MEMBER, 300, "tier", tier="gold")
    visitor = changed(changed(VISITOR, 250, "region", region="Busan"), 400, "tier", tier="silver")
    member = changed(member, 500, "region", region="Seoul")
    newest = merged(member, visitor, tier=Survivor.NEWEST, region=Survivor.NEWEST)
    assert ("silver", "Seoul") == (newest.tier, newest.region)
    oldest = merged(member, visitor, tier=Survivor.OLDEST, region=Survivor.OLDEST)
    assert ("gold", "Busan") == (oldest.tier, oldest.region)
    born = replace(MEMBER, attributes=Attributes(gender="female"))
    late = replace(VISITOR, attributes=Attributes(gender="male"))
    assert "male" == merged(born, late, gender=Survivor.NEWEST).gender


def test_an_update_that_says_the_same_is_not_newer() -> None:
    """What counts is when the value came to be."""
    once = changed(MEMBER, 300, "tier", tier="gold")
    assert {"tier": 300} == changed(once, 700, "tier", tier="gold").stamps
    assert {} == changed(once, 800, "tier").stamps


def test_the_member_wins_whoever_takes_over() -> None:
    """By default too it is the one who takes over, who is the member where one is."""
    member = replace(MEMBER, attributes=Attributes(tier="gold"))
    visitor = replace(VISITOR, attributes=Attributes(tier="silver", region="Seoul"))
    assert "gold" == merged(visitor, member, tier=Survivor.MEMBER).tier
    assert "gold" == merged(member, visitor, tier=Survivor.MEMBER).tier
    plain = merged(member, visitor)
    assert ("gold", "Seoul") == (plain.tier, plain.region)


def test_numbers_add_up_exactly_and_sets_unite() -> None:
    """A sum beyond what a field may hold leaves the value as it was."""
    one = Attributes(
        tags=("a", "b"),
        preferences={"style": ("plain",)},
        fields={"points": number("0.1"), "huge": number("999999999999999999")},
    )
    two = Attributes(
        tags=("b", "c"),
        preferences={"style": ("bold",), "promotion": ("points",)},
        fields={"points": number("0.2"), "huge": number("1")},
    )
    rules = {"fields.points": Survivor.SUM, "fields.huge": Survivor.SUM}
    both = merged(replace(MEMBER, attributes=one), replace(VISITOR, attributes=two), **rules)
    assert ("a", "b", "c") == both.tags
    assert {"style": ("plain", "bold"), "promotion": ("points",)} == both.preferences
    assert {"points": number("0.3"), "huge": number("999999999999999999")} == both.fields


def test_a_birth_date_is_taken_whole() -> None:
    """A lunar one never meets the solar date of somebody else."""
    lunar = Attributes(birth_date="1990-05-02", lunar_birth_date="1990-04-08")
    solar = Attributes(birth_date="1991-01-01")
    member, visitor = replace(MEMBER, attributes=solar), replace(VISITOR, attributes=lunar)
    assert solar == merged(member, visitor)
    taken = merged(member, visitor, birth_date=Survivor.NEWEST)
    assert lunar == taken


def test_the_log_names_whose_values_stayed_and_no_value() -> None:
    """Taken, kept, made of both."""
    member = replace(
        MEMBER, attributes=Attributes(tier="gold", tags=("a",), fields={"points": number("1")})
    )
    visitor = replace(
        VISITOR,
        attributes=Attributes(
            tier="silver", region="Seoul", tags=("b",), fields={"points": number("2")}
        ),
    )
    rules = {"fields.points": Survivor.SUM}
    found = entry(member, entomb(visitor, "u_member", 900), rules)
    assert (("region",), ("tier",), ("fields.points", "tags"), 900) == (
        found.taken,
        found.kept,
        found.combined,
        found.merged_ms,
    )
    assert [] == [word for word in ("gold", "silver", "Seoul") if word in repr(found)]


ATTRIBUTES = st.builds(
    Attributes,
    tier=st.sampled_from(["", "gold", "silver"]),
    note=st.sampled_from(["", "x"]),
    birth_date=st.sampled_from(["", "1990-05-17"]),
    tags=st.lists(st.sampled_from("abc"), unique=True).map(tuple),
    preferences=st.dictionaries(st.sampled_from("pq"), st.just(("v",))),
    fields=st.dictionaries(st.sampled_from("xy"), st.just(number("1"))),
    personal_fields=st.dictionaries(st.sampled_from("zw"), st.just(number("2"))),
)


@settings(max_examples=50)
@given(ATTRIBUTES, ATTRIBUTES)
def test_nothing_that_only_one_has_is_lost(one: Attributes, other: Attributes) -> None:
    """And taking apart and putting together changes nothing."""
    assert one == with_values(valued(one))
    both = valued(survive(one, other))
    assert valued(one).keys() | valued(other).keys() == both.keys()
