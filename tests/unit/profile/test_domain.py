"""Customers as values: masks, versions, survivorship, figures."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from profile_service.domain import (
    REQUESTS_KEPT_MAX,
    AnsweredRequest,
    Attributes,
    Customer,
    Facts,
    FieldKind,
    FieldValue,
    Tenant,
    Update,
    UpdateOutcome,
    apply_mask,
    birth_date_exists,
    birthday,
    check_mask,
    combine_facts,
    decide_update,
    entomb,
    evaluated_ms,
    same_tenant,
)
from profile_service.survivorship import absorb, survive

CUSTOMER = Customer("shop", "u_1", 3, 1000, member=True, attributes=Attributes(tier="gold"))
REQUEST = AnsweredRequest(b"key", b"content")

_texts = st.sampled_from(["", "a", "b"])
_attributes = st.builds(
    Attributes,
    display_name=_texts,
    tier=_texts,
    region=_texts,
    tags=st.lists(st.sampled_from("xyz"), unique=True).map(tuple),
    fields=st.dictionaries(
        st.sampled_from(["size", "team"]), st.just(FieldValue(FieldKind.TEXT, "v"))
    ),
)


def test_an_event_counts_when_it_happened_but_never_after_it_was_received() -> None:
    """min(occurred, received)."""
    assert [5, 5] == [evaluated_ms(5, 9), evaluated_ms(9, 5)]


def test_a_birthday_is_the_day_without_the_year() -> None:
    """And nothing when the date is unknown."""
    assert ["05-17", ""] == [birthday(Attributes(birth_date="1990-05-17")), birthday(Attributes())]


@pytest.mark.parametrize(
    ("text", "exists"),
    [("", True), ("2000-02-29", True), ("1900-02-29", False), ("1990-13-01", False)],
)
def test_a_birth_date_is_a_day_of_the_calendar(text: str, exists: bool) -> None:
    """Leap years included."""
    assert exists is birth_date_exists(text)


def test_a_mask_takes_only_what_it_names() -> None:
    """Naming one that the changes lack clears it."""
    current = Attributes(display_name="Kim", tier="gold", tags=("a",))
    changes = Attributes(display_name="Lee", region="Seoul")
    expected = Attributes(display_name="Kim", region="Seoul", tags=("a",))
    assert expected == apply_mask(current, changes, ["tier", "region"])


def test_a_mask_sets_and_removes_single_fields() -> None:
    """The other fields stay."""
    size, team = FieldValue(FieldKind.NUMBER, "270"), FieldValue(FieldKind.TEXT, "red")
    current = Attributes(fields={"size": size, "team": team})
    changes = Attributes(fields={"size": FieldValue(FieldKind.NUMBER, "275")})
    masked = apply_mask(current, changes, ["fields.size", "fields.team"])
    assert changes == masked


def test_a_mask_may_not_name_what_is_kept_by_the_platform() -> None:
    """Every wrong path is answered with its position."""
    paths = ["tier", "version", "fields.size", "tags.x", "revenue"]
    expected = [f"update_mask.paths[{position}]" for position in (1, 3, 4)]
    assert expected == [field for field, _ in check_mask(paths)]


def test_an_update_needs_the_version_that_was_read() -> None:
    """Otherwise somebody else's change would be lost."""
    update = Update(2, Attributes(tier="vip"), ["tier"], REQUEST)
    assert (CUSTOMER, UpdateOutcome.VERSION_CONFLICT) == decide_update(CUSTOMER, update)


def test_an_update_is_known_again_by_its_request() -> None:
    """The same content repeats the answer, whatever the version; other content is refused."""
    update = Update(3, Attributes(tier="vip"), ["tier"], REQUEST)
    changed, outcome = decide_update(CUSTOMER, update)
    assert (4, "vip", UpdateOutcome.CHANGED) == (changed.version, changed.attributes.tier, outcome)
    assert (changed, UpdateOutcome.REPEATED) == decide_update(changed, update)
    other = replace(update, version=4, request=AnsweredRequest(b"key", b"other"))
    assert (changed, UpdateOutcome.REQUEST_CONFLICT) == decide_update(changed, other)


def test_a_bounded_number_of_requests_is_remembered() -> None:
    """The newest ones."""
    customer = CUSTOMER
    for number in range(REQUESTS_KEPT_MAX + 5):
        request = AnsweredRequest(bytes([number]), b"")
        update = Update(customer.version, Attributes(), ["tier"], request)
        customer, _ = decide_update(customer, update)
    assert bytes(range(5, REQUESTS_KEPT_MAX + 5)) == b"".join(one.key for one in customer.requests)


@given(_attributes, _attributes)
def test_survivors_keep_what_they_have_and_gain_what_they_lack(
    target: Attributes, source: Attributes
) -> None:
    """No tag or field of either is lost, and merging again changes nothing."""
    merged = survive(target, source)
    assert (target.tier or source.tier) == merged.tier
    assert (target.display_name or source.display_name) == merged.display_name
    assert set(target.tags) | set(source.tags) == set(merged.tags)
    assert {**source.fields, **target.fields} == merged.fields
    assert merged == survive(merged, source)


def test_a_customer_absorbs_another_once() -> None:
    """The earlier creation counts, membership stays, the version grows by one."""
    source = Customer("shop", "u_2", 9, 500, member=False, attributes=Attributes(region="Seoul"))
    merged = absorb(CUSTOMER, source)
    assert (4, 500, True, "gold", "Seoul", ("u_2",)) == (
        merged.version,
        merged.created_ms,
        merged.member,
        merged.attributes.tier,
        merged.attributes.region,
        merged.absorbed,
    )
    assert merged is absorb(merged, source)


def test_a_tombstone_points_to_who_took_over() -> None:
    """It is a new version of the customer, so whoever read the old one loses."""
    tombstone = entomb(CUSTOMER, "u_9", 7)
    assert ("u_9", 7, CUSTOMER.version + 1) == (
        tombstone.merged_into,
        tombstone.merged_ms,
        tombstone.version,
    )


def test_figures_of_several_identifiers_add_up() -> None:
    """Without events there are no times."""
    parts = [Facts(5, 9, 7, 2, 300), Facts(3, 4), Facts(6, 8, 8, 1, 50)]
    assert Facts(3, 9, 8, 3, 350) == combine_facts(parts)
    assert Facts() == combine_facts([])


def test_a_tenant_asked_for_again_is_the_same_although_its_clock_moved() -> None:
    """But not with another currency."""
    first = Tenant("lab", "Lab", "Asia/Seoul", "KRW", "ko", True, 1, 10, 20, 10, 20)
    later = replace(first, created_ms=2, now_ms=15, horizon_ms=30)
    assert [True, False] == [
        same_tenant(later, first),
        same_tenant(later, replace(first, currency_code="USD")),
    ]
