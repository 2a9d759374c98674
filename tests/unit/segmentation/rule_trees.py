"""Every tree that the language can say, of every kind of node and at every limit of its values.

`strategies` draws rules that move within hours, for the engine; these only have to be read back.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from dangol_rules import tree
from dangol_rules.error import RuleError
from dangol_rules.rules import format, parse
from dangol_rules.syntax import INVISIBLE
from dangol_rules.types import (
    CHANNELS,
    EVENT_NUMBERS,
    EVENT_TEXTS,
    ITEM_NUMBERS,
    ITEM_TEXTS,
    PROFILE_NAMES,
)
from hypothesis import strategies as st

LONGEST_MS = 730 * 86_400_000
COMPARATORS = st.sampled_from(("=", "!=", "<", "<=", ">", ">="))
EQUALITIES = st.sampled_from(("=", "!="))
NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,12}", fullmatch=True).filter(
    lambda name: name not in ("true", "false", "from")
)
OWN = NAMES.map("properties.{}".format)
EVENT_NAMES = st.sampled_from(("purchase", "visit", "cart_add", "from_us", "not_sent")) | NAMES
TEXTS = st.text(max_size=20).filter(
    lambda text: not INVISIBLE.search(text) and not set("\t\r\n") & set(text)
)
LENGTHS = st.integers(1, 730).map(lambda days: days * 86_400_000) | st.integers(1, LONGEST_MS)
NUMBERS = (st.decimals(-(10**17), 10**17, places=9) | st.integers(-9, 99).map(Decimal)).map(
    tree.Number
)
SMALL = st.integers(0, 1_000).map(lambda count: tree.Number(Decimal(count)))
LITERALS = st.one_of(NUMBERS, TEXTS.map(tree.Text), st.booleans().map(tree.Flag))


def listed(term: Any) -> st.SearchStrategy[Any]:
    """`term in ("a", "b")`."""
    return st.builds(tree.OneOf, term, st.lists(TEXTS, min_size=1, max_size=4).map(tuple))


def compared(names: Any, right: Any, comparators: Any = EQUALITIES) -> st.SearchStrategy[Any]:
    """A property against a literal."""
    return st.builds(tree.Compare, names.map(tree.Property), comparators, right)


def joined(leaf: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Leaves under and, or, not."""
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.lists(inner, min_size=2, max_size=3).map(tuple).map(tree.And),
            st.lists(inner, min_size=2, max_size=3).map(tuple).map(tree.Or),
            inner.map(tree.Not),
        ),
        max_leaves=5,
    )


def item_leaves() -> st.SearchStrategy[Any]:
    """What may be said of an item."""
    texts = st.sampled_from(ITEM_TEXTS)
    return st.one_of(
        compared(texts, TEXTS.map(tree.Text)),
        compared(st.sampled_from(ITEM_NUMBERS), NUMBERS, COMPARATORS),
        listed(texts.map(tree.Property)),
    )


def event_leaves() -> st.SearchStrategy[Any]:
    """What may be said of an event."""
    texts = st.sampled_from([name for name in EVENT_TEXTS if name != "channel"])
    return st.one_of(
        compared(texts, TEXTS.map(tree.Text)),
        compared(st.just("channel"), st.sampled_from(CHANNELS).map(tree.Text)),
        compared(st.sampled_from(EVENT_NUMBERS), NUMBERS, COMPARATORS),
        compared(OWN, NUMBERS, COMPARATORS),
        compared(OWN, LITERALS),
        listed((texts | OWN).map(tree.Property)),
        OWN.map(tree.Property).map(tree.Holds),
        joined(item_leaves()).map(tree.AnyItem),
    )


EVENTS = st.builds(tree.Events, EVENT_NAMES, st.none() | joined(event_leaves()))


@st.composite
def windows(draw: Any) -> tree.Window:
    """A window up to now or one in the past."""
    older_ms = draw(LENGTHS)
    return tree.Window(older_ms, draw(st.sampled_from((0, older_ms // 2))) if older_ms > 1 else 0)


def measures(window: Any) -> tuple[st.SearchStrategy[Any], st.SearchStrategy[Any]]:
    """Counts, and sums and their like."""
    texts, numbers = (*EVENT_TEXTS, *ITEM_TEXTS), (*EVENT_NUMBERS, *ITEM_NUMBERS)
    counts = st.builds(tree.Count, EVENTS, window) | st.builds(
        tree.Distinct, EVENTS, st.sampled_from(texts) | OWN, window
    )
    functions = st.sampled_from(("sum", "avg", "min", "max"))
    return counts, st.builds(
        tree.Aggregate, functions, EVENTS, st.sampled_from(numbers) | OWN, window
    )


def pairs(terms: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Two terms of a kind against each other."""
    return st.builds(tree.Compare, terms, COMPARATORS, terms)


@st.composite
def unanswered(draw: Any) -> tree.Unanswered:
    """Some asked event without its answer."""
    after_ms = draw(st.integers(1, LONGEST_MS // 2))
    key = draw(st.sampled_from(("cart_id", "order_id", "session_id", "item.product_id")) | OWN)
    until_ms = after_ms + draw(st.integers(1, LONGEST_MS // 2))
    return tree.Unanswered(draw(EVENTS), draw(EVENTS), key, after_ms, until_ms)


def profile_leaves() -> st.SearchStrategy[Any]:
    """What may be said of a customer."""
    texts = st.sampled_from([name for name in PROFILE_NAMES if name != "member"])
    field = TEXTS.map(tree.Field)
    days = st.integers(0, 180)
    consents = st.tuples(NAMES, NAMES).map(".".join) | NAMES.map("marketing.{}".format)
    return st.one_of(
        st.builds(tree.Compare, texts.map(tree.Profile), EQUALITIES, TEXTS.map(tree.Text)),
        st.builds(
            tree.Compare,
            st.just(tree.Profile("member")),
            EQUALITIES,
            st.booleans().map(tree.Flag),
        ),
        st.builds(tree.Compare, field, COMPARATORS, NUMBERS),
        st.builds(tree.Compare, field, EQUALITIES, LITERALS),
        listed(texts.map(tree.Profile) | field),
        st.builds(tree.Holds, field | st.just(tree.Profile("member"))),
        consents.map(tree.Consent).map(tree.Holds),
        TEXTS.map(tree.HasTag),
        days.map(tree.BirthdayWithin),
        days.map(tree.AnniversaryWithin),
        st.from_regex(r"[a-z][a-z0-9-]{0,12}", fullmatch=True).map(tree.InSegment),
    )


def leaves() -> st.SearchStrategy[Any]:
    """Every condition."""
    counts, sums = measures(st.none() | windows())
    windowed_counts, windowed_sums = measures(windows())
    instants = st.builds(tree.Last, EVENTS) | st.builds(tree.First, EVENTS)
    since = st.builds(tree.Since, instants)
    return st.one_of(
        st.builds(tree.Compare, counts, COMPARATORS, SMALL),
        st.builds(tree.Compare, sums, COMPARATORS, NUMBERS),
        pairs(windowed_counts),
        pairs(windowed_sums),
        pairs(instants),
        st.builds(tree.Compare, since, COMPARATORS, LENGTHS.map(tree.Span)),
        unanswered(),
        profile_leaves(),
    )


def is_shallow(rule: Any) -> bool:
    """Whether a rule keeps to the limit of nesting, which its parentheses count towards."""
    try:
        parse(format(rule))
    except RuleError as error:
        return not error.message.startswith("nested deeper")
    return True


def trees() -> st.SearchStrategy[Any]:
    """Every rule."""
    return joined(leaves()).filter(is_shallow)
