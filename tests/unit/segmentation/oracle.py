"""The oracle: what a rule means, evaluated slowly and obviously over the whole log.

Written against section 6 of the design alone; it shares nothing with the engine but the tree.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from dangol.profile.v1.event_service_pb2 import ProfileSnapshot
from dangol_rules import tree
from dangol_rules.rules import nodes
from segmentation_service.engine_state import EventInput

COMPARE = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
CHANNELS = {0: None, 1: "web", 2: "app", 3: "store", 4: "call"}
# How many keys `unanswered` follows: the newest.
KEYS_MAX = 64
STEP_MS = 900_000

Change = tuple[int, str, int, bool]


def property_of(event: Any, name: str, exponent: int) -> Any:  # noqa: PLR0911
    """A property of an event as a text, a fraction in major units, a flag, or None."""
    if name == "amount":
        if not event.HasField("amount"):
            return None
        return Fraction(event.amount.minor_units, 10**exponent)
    if name == "rating":
        return Fraction(event.rating) if event.rating else None
    if name == "channel":
        return CHANNELS[event.channel]
    if name.startswith("properties."):
        value = event.properties.get(name.removeprefix("properties."))
        if value is None or value.WhichOneof("kind") is None:
            return None
        if value.WhichOneof("kind") == "number":
            return Fraction(value.number)
        return getattr(value, value.WhichOneof("kind"))
    return getattr(event, name) or None


def item_property(item: Any, name: str, exponent: int) -> Any:
    """A property of an item."""
    short = name.removeprefix("item.")
    if short in ("amount", "unit_price"):
        return Fraction(getattr(item, short + "_minor_units"), 10**exponent)
    if short == "quantity":
        return Fraction(item.quantity)
    return getattr(item, short) or None


def values_of(event: Any, name: str, exponent: int) -> list[Any]:
    """Every value that an event has of a property."""
    if name.startswith("item."):
        found = [item_property(item, name, exponent) for item in event.items]
    else:
        found = [property_of(event, name, exponent)]
    return [value for value in found if value is not None]


def compares(left: Any, comparator: str, right: Any) -> bool:
    """A comparison, false for what does not exist or is of another kind."""
    kinds = (bool, str, Fraction)
    if left is None or right is None:
        return False
    if [isinstance(left, kind) for kind in kinds] != [isinstance(right, kind) for kind in kinds]:
        return False
    return bool(COMPARE[comparator](left, right))


def literal(node: Any) -> Any:
    """A literal's value."""
    if isinstance(node, tree.Number):
        return Fraction(node.value)
    return Fraction(node.duration_ms) if isinstance(node, tree.Span) else node.value


def day_of(at_ms: int, zone: str) -> date:
    """The day of the calendar in the zone."""
    return datetime.fromtimestamp(at_ms / 1000, ZoneInfo(zone)).date()


def same_day_of_year(day: date, month: int, day_of_month: int) -> bool:
    """Whether a yearly day falls on a day; the 29th of February on the 28th of common years."""
    if (month, day_of_month) == (2, 29) and (day.month, day.day) == (2, 28):
        return (day + timedelta(days=1)).month == 3
    return (day.month, day.day) == (month, day_of_month)


@lru_cache(maxsize=4096)
def first_instant(day: date, zone: str) -> int:
    """The first instant of a day in the zone, found by trying every quarter of an hour."""
    noon_ms = int(datetime(day.year, day.month, day.day, 12, tzinfo=UTC).timestamp()) * 1000
    at_ms = noon_ms - 40 * 4 * STEP_MS
    while day_of(at_ms, zone) < day:
        at_ms += STEP_MS
    return at_ms


@lru_cache(maxsize=4096)
def yearly_midnights(
    yearly: tuple[int, int], ahead: int, zone: str, years: tuple[int, int]
) -> frozenset[int]:
    """Midnight before so many days ahead of each yearly day, and after it, in these years."""
    found, (first, last) = set(), years
    for number in range((date(last, 12, 31) - date(first, 1, 1)).days + 1):
        day = date(first, 1, 1) + timedelta(days=number)
        if same_day_of_year(day, *yearly):
            found.add(first_instant(day - timedelta(days=ahead), zone))
            found.add(first_instant(day + timedelta(days=1), zone))
    return frozenset(found)


@dataclass
class Oracle:
    """All rules of one tenant and one customer's log and profile.

    The log is only added to; `forget` is called when anything else about it changes.
    """

    rules: Mapping[str, tree.Rule]
    exponent: int
    profile: ProfileSnapshot
    log: list[EventInput] = field(default_factory=list)
    zone: str = "Asia/Seoul"
    # With the selector itself: as long as it is kept, no other one has its id().
    _selected: dict[tuple[int, int], tuple[tree.Events, list[EventInput]]] = field(
        default_factory=dict
    )

    def forget(self) -> None:
        """The log or the rules were replaced."""
        self._selected.clear()

    def predicate(self, rule: Any, source: Any, of_item: bool = False) -> bool:  # noqa: PLR0911
        """Whether a where clause holds for an event, or the inside of `any` for an item."""
        read = item_property if of_item else property_of
        if isinstance(rule, tree.And):
            return all(self.predicate(part, source, of_item) for part in rule.parts)
        if isinstance(rule, tree.Or):
            return any(self.predicate(part, source, of_item) for part in rule.parts)
        if isinstance(rule, tree.Not):
            return not self.predicate(rule.part, source, of_item)
        if isinstance(rule, tree.AnyItem):
            return any(self.predicate(rule.predicate, item, True) for item in source.items)
        if isinstance(rule, tree.Holds):
            return read(source, rule.term.name, self.exponent) is True
        if isinstance(rule, tree.OneOf):
            return read(source, rule.term.name, self.exponent) in rule.values
        value = read(source, rule.left.name, self.exponent)
        return compares(value, rule.comparator, literal(rule.right))

    def matching(self, events: tree.Events, now_ms: int) -> list[EventInput]:
        """The events of a selector that have happened by now."""
        key = id(events), len(self.log)
        if key not in self._selected:
            selected = [
                one
                for one in self.log
                if one.event.type == events.event
                and (events.where is None or self.predicate(events.where, one.event))
            ]
            self._selected[key] = events, selected
        return [one for one in self._selected[key][1] if one.at_ms <= now_ms]

    def inside(self, term: Any, now_ms: int) -> list[EventInput]:
        """The events in a measure's window."""
        window = term.window
        return [
            one
            for one in self.matching(term.events, now_ms)
            if window is None or one.at_ms + window.newer_ms <= now_ms < one.at_ms + window.older_ms
        ]

    def value(self, term: Any, now_ms: int) -> Any:  # noqa: PLR0911
        """What a term comes to; None when it does not exist."""
        if isinstance(term, tree.Count):
            return Fraction(len(self.inside(term, now_ms)))
        if isinstance(term, tree.Distinct | tree.Aggregate):
            found = [
                value
                for one in self.inside(term, now_ms)
                for value in values_of(one.event, term.property, self.exponent)
            ]
            if isinstance(term, tree.Distinct):
                return Fraction(len({value for value in found if isinstance(value, str)}))
            numbers = [value for value in found if isinstance(value, Fraction)]
            if term.function == "sum":
                return Fraction(sum(numbers))
            if not numbers:
                return None
            if term.function == "avg":
                return Fraction(sum(numbers)) / len(numbers)
            return min(numbers) if term.function == "min" else max(numbers)
        if isinstance(term, tree.First | tree.Last):
            times = [one.at_ms for one in self.matching(term.events, now_ms)]
            if not times:
                return None
            return Fraction(min(times) if isinstance(term, tree.First) else max(times))
        if isinstance(term, tree.Since):
            instant = self.value(term.instant, now_ms)
            return None if instant is None else now_ms - instant
        return self.attribute(term)

    def attribute(self, term: Any) -> Any:
        """A profile attribute, a consent or a custom field."""
        if isinstance(term, tree.Consent):
            return term.name in self.profile.consents
        if isinstance(term, tree.Profile):
            value = getattr(self.profile, term.name)
            return value if isinstance(value, bool) else value or None
        known = self.profile.fields.get(term.name)
        if known is None or known.WhichOneof("kind") is None:
            return None
        kind = known.WhichOneof("kind")
        return Fraction(known.number) if kind == "number" else getattr(known, kind)

    def unanswered(self, rule: tree.Unanswered, now_ms: int) -> bool:
        """Each of the newest keys judged by itself."""
        asked: dict[str, int] = {}
        answered: dict[str, int] = {}
        for events, newest in ((rule.asked, asked), (rule.answer, answered)):
            for one in self.matching(events, now_ms):
                for key in values_of(one.event, rule.key, self.exponent):
                    if isinstance(key, str):
                        newest[key] = max(newest.get(key, one.at_ms), one.at_ms)
        newest = {key: max(asked.get(key, -1), answered.get(key, -1)) for key in asked | answered}
        followed = sorted(newest, key=lambda key: (newest[key], key))[-KEYS_MAX:]
        return any(
            key in followed
            and at_ms + rule.after_ms <= now_ms < at_ms + rule.until_ms
            and not (key in answered and answered[key] >= at_ms)
            for key, at_ms in asked.items()
        )

    def yearly(self, rule: Any) -> tuple[int, int, int] | None:
        """(first year, month, day) of the birthday or of the day of becoming known."""
        if isinstance(rule, tree.BirthdayWithin):
            month, _, day = self.profile.birthday.partition("-")
            return (0, int(month), int(day)) if month.isdecimal() and day.isdecimal() else None
        if not self.profile.HasField("create_time"):
            return None
        known = day_of(self.profile.create_time.ToMilliseconds(), self.zone)
        return known.year + 1, known.month, known.day

    def within(self, rule: Any, now_ms: int) -> bool:
        """Whether the yearly day is today or one of the next days."""
        yearly = self.yearly(rule)
        if yearly is None:
            return False
        today = day_of(now_ms, self.zone)
        days = [today + timedelta(days=ahead) for ahead in range(rule.days + 1)]
        return any(day.year >= yearly[0] and same_day_of_year(day, *yearly[1:]) for day in days)

    def midnights(self, rule: Any, from_ms: int, until_ms: int) -> frozenset[int]:
        """When a yearly day may come within reach or be over, from then until next year."""
        yearly = self.yearly(rule)
        if yearly is None:
            return frozenset()
        first, last = (day_of(at_ms, self.zone).year for at_ms in (from_ms, until_ms))
        return yearly_midnights(yearly[1:], rule.days, self.zone, (first, last + 2))

    def holds(self, rule: Any, now_ms: int) -> bool:  # noqa: PLR0911
        """Whether a rule holds at an instant."""
        if isinstance(rule, tree.And):
            return all(self.holds(part, now_ms) for part in rule.parts)
        if isinstance(rule, tree.Or):
            return any(self.holds(part, now_ms) for part in rule.parts)
        if isinstance(rule, tree.Not):
            return not self.holds(rule.part, now_ms)
        if isinstance(rule, tree.InSegment):
            return self.holds(self.rules[rule.segment_id], now_ms)
        if isinstance(rule, tree.Unanswered):
            return self.unanswered(rule, now_ms)
        if isinstance(rule, tree.BirthdayWithin | tree.AnniversaryWithin):
            return self.within(rule, now_ms)
        if isinstance(rule, tree.HasTag):
            return rule.tag in self.profile.tags
        if isinstance(rule, tree.Holds):
            return self.attribute(rule.term) is True
        if isinstance(rule, tree.OneOf):
            return self.attribute(rule.term) in rule.values
        left = self.value(rule.left, now_ms)
        if isinstance(rule.right, tree.Number | tree.Text | tree.Flag | tree.Span):
            return compares(left, rule.comparator, literal(rule.right))
        return compares(left, rule.comparator, self.value(rule.right, now_ms))

    def resolved(self, rule: Any) -> list[Any]:
        """The nodes of a rule and of the segments that it refers to."""
        found = list(nodes(rule))
        for node in list(found):
            if isinstance(node, tree.InSegment):
                found += self.resolved(self.rules[node.segment_id])
        return found

    def instants(self, rule: Any, from_ms: int, until_ms: int) -> list[int]:
        """Every instant at which the rule's truth may change by itself, in order."""
        lengths, found = {0}, set[int]()
        for node in self.resolved(rule):
            if isinstance(node, tree.Window):
                lengths |= {node.older_ms, node.newer_ms}
            elif isinstance(node, tree.Span):
                lengths |= {node.duration_ms, node.duration_ms + 1}
            elif isinstance(node, tree.Unanswered):
                lengths |= {node.after_ms, node.until_ms}
            elif isinstance(node, tree.BirthdayWithin | tree.AnniversaryWithin):
                found |= self.midnights(node, from_ms, until_ms)
        return sorted(found | {one.at_ms + length for one in self.log for length in lengths})

    def next_flip(self, rule: Any, now_ms: int) -> int:
        """The first instant after now at which the truth differs; 0: never."""
        value = self.holds(rule, now_ms)
        for at_ms in self.instants(rule, now_ms, now_ms):
            if at_ms > now_ms and self.holds(rule, at_ms) != value:
                return at_ms
        return 0

    def since(self, rule: Any, from_ms: int, now_ms: int) -> int:
        """Since when, not before from_ms, the rule has had the truth it has now."""
        value = self.holds(rule, now_ms)
        since_ms, last = from_ms, self.holds(rule, from_ms)
        for at_ms in self.instants(rule, from_ms, now_ms):
            if from_ms < at_ms <= now_ms:
                truth = self.holds(rule, at_ms)
                if truth != last:
                    since_ms, last = at_ms, truth
        assert last == value
        return since_ms

    def timeline(self, segment_id: str, from_ms: int, until_ms: int) -> list[Change]:
        """Every change of a segment as (at_ms, segment, stint, entered), from scratch."""
        rule, member, stint, changes = self.rules[segment_id], False, 0, []
        for at_ms in [from_ms, *self.instants(rule, from_ms, until_ms)]:
            if from_ms <= at_ms <= until_ms and self.holds(rule, at_ms) != member:
                member = not member
                stint += member
                changes.append((at_ms, segment_id, stint, member))
        return changes
