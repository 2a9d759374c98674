"""Random rules and random histories. Lengths are hours, so that retention is put to the test."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal

from dangol.events.v1.event_pb2 import Event, Item, Money, PropertyValue
from dangol.profile.v1.event_service_pb2 import ProfileSnapshot
from dangol_rules import tree
from dangol_rules.tree import Expression
from hypothesis import strategies as st

HOUR_MS = 3_600_000
BASE_MS = 1_700_000_000_000
TYPES = ("cart_add", "purchase")
COMPARATORS = st.sampled_from(("=", "!=", "<", "<=", ">", ">="))
LENGTHS = st.sampled_from((1, 2, 3, 5)).map(lambda hours: hours * HOUR_MS)
NUMBERS = st.sampled_from(tuple(map(Decimal, ("-1", "0", "0.5", "1", "2", "3.25", "10")))).map(
    tree.Number
)
SMALL = st.integers(0, 3).map(lambda count: tree.Number(Decimal(count)))
TEXTS = st.sampled_from(("x", "y", "a-text-that-is-kept-as-a-hash"))


@st.composite
def weighted(draw: Any, *choices: tuple[int, st.SearchStrategy[Any]]) -> Any:
    """One of the strategies, by weight; one_of would flatten nested choices and lose it."""
    indexes = [index for index, (weight, _) in enumerate(choices) for _ in range(weight)]
    return draw(choices[draw(st.sampled_from(indexes))][1])


@st.composite
def windows(draw: Any) -> tree.Window:
    """`3h` or `from 5h to 2h`."""
    older_ms = draw(LENGTHS)
    newer_ms = draw(st.sampled_from((0, 0, HOUR_MS, 2 * HOUR_MS)))
    return tree.Window(older_ms + newer_ms, newer_ms)


def item_predicates() -> st.SearchStrategy[Expression]:
    """What may stand after `any`."""
    category = st.builds(
        tree.Compare,
        st.just(tree.Property("item.category")),
        st.sampled_from(("=", "!=")),
        TEXTS.map(tree.Text),
    )
    amount = st.builds(tree.Compare, st.just(tree.Property("item.amount")), COMPARATORS, NUMBERS)
    return st.one_of(category, amount, st.tuples(category, amount).map(tree.And))


def predicates() -> st.SearchStrategy[Expression]:
    """Where clauses."""
    leaf = st.one_of(
        st.builds(tree.Compare, st.just(tree.Property("rating")), COMPARATORS, NUMBERS),
        st.builds(tree.Compare, st.just(tree.Property("amount")), COMPARATORS, NUMBERS),
        st.builds(tree.Compare, st.just(tree.Property("properties.p")), COMPARATORS, NUMBERS),
        st.just(tree.Holds(tree.Property("properties.p"))),
        st.builds(tree.OneOf, st.just(tree.Property("session_id")), st.just(("x", "y"))),
        item_predicates().map(tree.AnyItem),
    )
    return st.one_of(leaf, leaf.map(tree.Not), st.tuples(leaf, leaf).map(tree.Or))


def events() -> st.SearchStrategy[tree.Events]:
    """Event selectors, mostly without a where clause."""
    where = weighted((4, st.none()), (1, predicates()))
    return st.builds(tree.Events, st.sampled_from(TYPES), where)


def measures(kind: Any, window: Any) -> st.SearchStrategy[Any]:
    """Counts (kind "count") or aggregates (kind "sum") over a window."""
    if kind == "count":
        names = st.sampled_from(("session_id", "item.category", "properties.p"))
        return st.one_of(
            st.builds(tree.Count, events(), window),
            st.builds(tree.Distinct, events(), names, window),
        )
    functions = st.sampled_from(("sum", "avg", "min", "max", "sum"))
    names = st.sampled_from(("amount", "rating", "item.quantity", "properties.p"))
    return st.builds(tree.Aggregate, functions, events(), names, window)


@st.composite
def unanswered(draw: Any) -> tree.Unanswered:
    """unanswered over carts or products."""
    after_ms = draw(LENGTHS)
    key = draw(st.sampled_from(("cart_id", "item.product_id")))
    return tree.Unanswered(draw(events()), draw(events()), key, after_ms, after_ms + draw(LENGTHS))


def leaves() -> st.SearchStrategy[Expression]:
    """Conditions of every kind that time, events or the profile decide."""
    maybe = weighted((1, st.none()), (3, windows()))
    instants = st.one_of(st.builds(tree.Last, events()), st.builds(tree.First, events()))
    least = weighted((2, st.just(">=")), (1, COMPARATORS))
    return weighted(
        (6, st.builds(tree.Compare, measures("count", maybe), least, SMALL)),
        (4, st.builds(tree.Compare, measures("sum", maybe), least, NUMBERS)),
        (1, comparing(measures("count", windows()))),
        (1, comparing(measures("sum", windows()))),
        (4, st.builds(tree.Compare, since(), COMPARATORS, LENGTHS.map(tree.Span))),
        (1, comparing(instants)),
        (3, unanswered()),
        (1, profile_leaves()),
    )


def since() -> st.SearchStrategy[tree.Since]:
    """Time since the last or the first."""
    last, first = st.builds(tree.Last, events()), st.builds(tree.First, events())
    return st.builds(tree.Since, weighted((3, last), (1, first)))


def comparing(terms: st.SearchStrategy[Any]) -> st.SearchStrategy[Expression]:
    """Two terms of a kind."""
    return st.builds(tree.Compare, terms, COMPARATORS, terms)


def profile_leaves() -> st.SearchStrategy[Expression]:
    """Conditions on the profile."""
    return st.one_of(
        st.sampled_from(
            (
                tree.Compare(tree.Profile("tier"), "=", tree.Text("gold")),
                tree.Compare(tree.Profile("tier"), "!=", tree.Text("gold")),
                tree.OneOf(tree.Profile("tier"), ("gold", "silver")),
                tree.Holds(tree.Profile("member")),
                tree.HasTag("running"),
                tree.Holds(tree.Field("f")),
            )
        ),
        st.builds(tree.Compare, st.just(tree.Field("f")), COMPARATORS, NUMBERS),
    )


@st.composite
def rules(draw: Any) -> Any:
    """Rules of up to four parts, nested up to twice."""
    shape = draw(st.sampled_from(("leaf", "leaf", "and", "or", "not", "nested")))
    if shape == "leaf":
        return draw(leaves())
    if shape == "not":
        return tree.Not(draw(leaves()))
    parts = tuple(draw(st.lists(leaves(), min_size=2 + (shape == "nested"), max_size=3)))
    if shape == "nested":
        inner = draw(st.sampled_from((tree.And, tree.Or)))(parts[1:])
        outer = draw(st.sampled_from((tree.And, tree.Or)))
        return outer((parts[0], draw(st.sampled_from((inner, tree.Not(inner))))))
    return tree.And(parts) if shape == "and" else tree.Or(parts)


@st.composite
def property_values(draw: Any) -> PropertyValue:
    """Own values of each type."""
    kind = draw(st.sampled_from(("number", "flag", "text")))
    if kind == "number":
        return PropertyValue(number=draw(st.sampled_from(("0.5", "2", "-1", "999999999999999999"))))
    return PropertyValue(flag=True) if kind == "flag" else PropertyValue(text=draw(TEXTS))


@st.composite
def contents(draw: Any) -> Event:
    """An event's content, without its time."""
    event = Event(type=draw(st.sampled_from((*TYPES, *TYPES, "other"))))
    event.session_id = draw(st.sampled_from(("x", "y", "a-text-that-is-kept-as-a-hash", "")))
    event.cart_id = draw(st.sampled_from(("one", "two", "")))
    event.rating = draw(st.integers(0, 3))
    if draw(st.booleans()):
        event.amount.CopyFrom(
            Money(currency_code="USD", minor_units=draw(st.sampled_from((0, 50, 100, 325, -100))))
        )
    for _ in range(draw(st.sampled_from((0, 1, 2)))):
        event.items.append(
            Item(
                product_id=draw(st.sampled_from(("one", "two"))),
                category=draw(st.sampled_from(("", "x", "y"))),
                quantity=draw(st.integers(0, 2)),
                amount_minor_units=draw(st.sampled_from((50, 200))),
            )
        )
    if draw(st.booleans()):
        event.properties["p"].CopyFrom(draw(property_values()))
    return event


@st.composite
def profiles(draw: Any) -> ProfileSnapshot:
    """What a customer is."""
    snapshot = ProfileSnapshot(
        tier=draw(st.sampled_from(("", "silver", "gold"))),
        member=draw(st.booleans()),
        tags=draw(st.sampled_from(([], ["running"], ["other"]))),
    )
    if draw(st.booleans()):
        snapshot.fields["f"].CopyFrom(draw(property_values()))
    return snapshot


# A time of an event or a wait: a length from now on, or this far from the next deadline.
Offset = tuple[Literal["now", "deadline"], int]


def offsets(*lengths_ms: int) -> st.SearchStrategy[Offset]:
    """Lengths from now on, and the edges of the next deadline."""
    from_now = st.sampled_from(lengths_ms).map(lambda length_ms: ("now", length_ms))
    at_deadline = st.sampled_from((-1, 0, 0, 1)).map(lambda length_ms: ("deadline", length_ms))
    return weighted((1, from_now), (1, at_deadline))


AHEAD = offsets(0, 1, HOUR_MS - 1, HOUR_MS, HOUR_MS + 1, 2 * HOUR_MS, 5 * HOUR_MS)
BEHIND = offsets(0, -1, -HOUR_MS, 1 - HOUR_MS, -2 * HOUR_MS, -3 * HOUR_MS)


def steps() -> st.SearchStrategy[tuple[str, Any]]:
    """One step of a history: events, late ones among them, a profile, or time passing."""
    arriving = st.lists(st.tuples(AHEAD, contents()), min_size=1, max_size=3)
    late = st.lists(
        st.tuples(weighted((2, BEHIND), (1, AHEAD)), contents()), min_size=1, max_size=2
    )
    return weighted(
        (4, st.tuples(st.just("events"), arriving)),
        (3, st.tuples(st.just("events"), late)),
        (1, st.tuples(st.just("profile"), profiles())),
        (4, st.tuples(st.just("time"), AHEAD)),
    )
