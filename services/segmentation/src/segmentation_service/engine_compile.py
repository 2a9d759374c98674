"""From a rule's tree to closures over a state, collecting the features that they need."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from dangol_rules import tree

from segmentation_service import engine_leaves as leaves
from segmentation_service.engine_attributes import (
    anniversary_within,
    attribute_names,
    birthday_within,
    compile_attribute,
)
from segmentation_service.engine_leaves import (
    Part,
    all_of,
    any_of,
    near_all_of,
    near_any_of,
    negated,
)
from segmentation_service.engine_measures import (
    Measure,
    compare_constant,
    compare_measures,
    near_constant,
    near_measures,
    pairs_measure,
    sum_at_least,
    times_measure,
    totals_measure,
)
from segmentation_service.engine_predicates import OPERATORS, scaled, unit_of
from segmentation_service.engine_state import State
from segmentation_service.features import ALL, ALWAYS, GRACE_MS, Registry, count_until
from segmentation_service.rules_segments import check_segments

Knows = Callable[[State, int], bool]
Combine = Callable[[tuple[Part, ...]], Part]


class Compiled(msgspec.Struct):
    """A part, what it reads, and whether the state knows the past that it would need.

    knows(state, from_ms): the answers for every instant from from_ms till now are exact.
    near: the near form of the part; None when that is the part itself.
    """

    part: Part
    features: frozenset[int] = frozenset()
    attributes: frozenset[str] = frozenset()
    knows: tuple[Knows, ...] = ()
    near: Part | None = None

    @property
    def look(self) -> Part:
        """The near form of the part."""
        return self.near or self.part

    def negated(self) -> Compiled:
        """not."""
        near = None if self.near is None else negated(self.near)
        return msgspec.structs.replace(self, part=negated(self.part), near=near)


class Compiler:
    """Compiles the rules of one ruleset, sharing features among them.

    Raises RuleError when segments refer to unknown ones, in a circle, or to too much.
    """

    def __init__(self, rules: Mapping[str, tree.Rule], time_zone: str, exponent: int) -> None:
        check_segments(rules)
        self.registry = Registry()
        self._rules = rules
        self.zone = ZoneInfo(time_zone)
        self._exponent = exponent
        self._compiled: dict[str, Compiled] = {}

    def segment(self, segment_id: str) -> Compiled:
        """The rule of a segment, also inside another's."""
        compiled = self._compiled.get(segment_id)
        if compiled is None:
            compiled = self._compiled[segment_id] = self.expression(self._rules[segment_id])
        return compiled

    def expression(self, rule: Any) -> Compiled:  # noqa: PLR0911 - one kind of node a line
        """Any expression of a rule."""
        if isinstance(rule, tree.And | tree.Or):
            join = joined_all if isinstance(rule, tree.And) else joined_any
            return join([self.expression(part) for part in rule.parts])
        if isinstance(rule, tree.Not):
            return self.expression(rule.part).negated()
        if isinstance(rule, tree.InSegment):
            return self.segment(rule.segment_id)
        if isinstance(rule, tree.Unanswered):
            return self.unanswered(rule)
        if isinstance(rule, tree.BirthdayWithin):
            part = birthday_within(rule.days, self.zone)
            return Compiled(part, attributes=frozenset(["birthday"]))
        if isinstance(rule, tree.AnniversaryWithin):
            part = anniversary_within(rule.days, self.zone)
            return Compiled(part, attributes=frozenset(["known"]))
        if isinstance(rule, tree.Compare):
            return self.comparison(rule)
        return Compiled(compile_attribute(rule), attributes=attribute_names(rule))

    def comparison(self, rule: tree.Compare) -> Compiled:
        """A comparison of a term with a literal or another term."""
        left = rule.left
        if isinstance(left, tree.Since):
            return self.since(left.instant, rule.comparator, rule.right)
        if isinstance(left, tree.First | tree.Last):
            return self.instants(left, rule.comparator, rule.right)
        if isinstance(left, tree.Count | tree.Distinct | tree.Aggregate):
            if isinstance(rule.right, tree.Number):
                return self.measure_constant(left, rule.comparator, rule.right.value)
            return self.measures(left, rule.comparator, rule.right)
        return Compiled(compile_attribute(rule), attributes=attribute_names(rule))

    def measure_constant(self, term: Any, comparator: str, wanted: Decimal) -> Compiled:
        """A measure against a number. Counts are built of `at least` alone."""
        if isinstance(term, tree.Aggregate):
            return self.aggregate(term, comparator, wanted)
        window = term.window
        if window is not None and window.newer_ms:
            if isinstance(term, tree.Count):
                count = term
                return by_thresholds(
                    comparator, int(wanted), lambda least: self.count_at_least_between(count, least)
                )
            measure, compiled = self.measure(term)
            compare = OPERATORS[comparator]
            compiled.part = compare_constant(measure, compare, int(wanted))
            compiled.near = near_constant(measure, compare, int(wanted))
            return compiled
        at_least = self.count_at_least if isinstance(term, tree.Count) else self.distinct_at_least
        return by_thresholds(
            comparator, int(wanted), lambda least: at_least(term.events, term, least)
        )

    def count_at_least(self, events: tree.Events, term: tree.Count, least: int) -> Compiled:
        """count(...) >= least; one time more than needed is kept."""
        times = self.registry.times(events)
        if least <= 0:
            return Compiled(leaves.always)
        if term.window is None:
            index = times.need(forever=least + 1)
            return self.one(
                index,
                leaves.count_at_least(index, least),
                lambda state, from_ms: (
                    times.floor_ms(state) == ALWAYS
                    or count_until(state.features[index], from_ms) >= least
                ),
            )
        window_ms = term.window.older_ms
        index = times.need(recent=least + 1, horizon_ms=window_ms)
        part = leaves.count_at_least_within(index, least, window_ms)
        return self.one(
            index,
            part,
            lambda state, from_ms: (
                times.floor_ms(state) <= from_ms - window_ms
                or count_until(state.features[index], from_ms) >= least
            ),
        )

    def count_at_least_between(self, term: tree.Count, least: int) -> Compiled:
        """count(..., from a to b) >= least; all of the window is kept."""
        _, compiled = self.measure(term)
        if least <= 0 or term.window is None:
            return Compiled(leaves.always)
        (index,) = compiled.features
        older_ms, newer_ms = term.window.older_ms, term.window.newer_ms
        compiled.part = leaves.count_at_least_between(index, least, older_ms, newer_ms)
        return compiled

    def distinct_at_least(self, events: tree.Events, term: tree.Distinct, least: int) -> Compiled:
        """distinct(...) >= least; one value more than needed is kept."""
        newest = self.registry.newest(events, term.property)
        if least <= 0:
            return Compiled(leaves.always)
        window_ms = 0 if term.window is None else term.window.older_ms
        if term.window is None:
            index = newest.need(forever=least + 1)
            part = leaves.distinct_at_least(index, least)
        else:
            index = newest.need(recent=least + 1, horizon_ms=window_ms)
            part = leaves.distinct_at_least_within(index, least, window_ms)
        return self.one(
            index,
            part,
            lambda state, from_ms: (
                max(state.features[index].values(), default=from_ms) <= from_ms
                and (not window_ms or newest.floor_ms(state) <= from_ms - window_ms)
            ),
        )

    def aggregate(self, term: tree.Aggregate, comparator: str, wanted: Decimal) -> Compiled:
        """sum, avg, min, max against a number."""
        measure, compiled = self.measure(term)
        threshold = scaled(wanted, measure.unit)
        compiled.part = compare_constant(measure, OPERATORS[comparator], threshold)
        compiled.near = near_constant(measure, OPERATORS[comparator], threshold)
        window = term.window
        if term.function != "sum" or window is None or window.newer_ms or comparator in "!=":
            return compiled
        index = next(iter(compiled.features))
        above = comparator in (">", "<=")
        least = math.floor(threshold) + 1 if above else math.ceil(threshold)
        otherwise = compare_constant(measure, OPERATORS[">="], least)
        part = sum_at_least(index, least, window.older_ms, otherwise)
        compiled.part = part if comparator in (">", ">=") else negated(part)
        return compiled

    def measures(self, left: Any, comparator: str, right: Any) -> Compiled:
        """A measure against another."""
        one, compiled = self.measure(left)
        other, compiled_other = self.measure(right)
        both = joined_all([compiled, compiled_other])
        both.part = compare_measures(one, other, OPERATORS[comparator])
        both.near = near_measures(one, other, OPERATORS[comparator])
        return both

    def measure(self, term: Any) -> tuple[Measure, Compiled]:
        """A measure over features that keep all of its window."""
        window, events = term.window, term.events
        if isinstance(term, tree.Count):
            times = self.registry.times(events)
            index = times.need(recent=ALL, horizon_ms=window.older_ms)
            compiled = self.one(
                index,
                leaves.always,
                lambda state, from_ms: times.floor_ms(state) <= from_ms - window.older_ms,
            )
            return times_measure(index, window.older_ms, window.newer_ms), compiled
        unit = 1 if isinstance(term, tree.Distinct) else unit_of(term.property, self._exponent)
        if window is None:
            index = self.registry.totals(events, term.property).index
            compiled = self.one(
                index,
                leaves.always,
                lambda state, from_ms: (
                    not state.features[index] or state.features[index][4] <= from_ms
                ),
            )
            return totals_measure(index, term.function, unit), compiled
        texts = isinstance(term, tree.Distinct)
        pairs = self.registry.pairs(events, term.property, "texts" if texts else "numbers")
        index = pairs.need(window.older_ms)
        compiled = self.one(
            index,
            leaves.always,
            lambda state, from_ms: pairs.floor_ms(state) <= from_ms - window.older_ms,
        )
        function = "distinct" if texts else term.function
        return pairs_measure(index, window.older_ms, window.newer_ms, function, unit), compiled

    def instant(self, term: tree.First | tree.Last) -> tuple[int, tuple[Knows, ...]]:
        """The feature whose newest time is the instant."""
        if isinstance(term, tree.First):
            return self.registry.first(term.events).index, ()
        times = self.registry.times(term.events)
        index = times.need(forever=1)

        def knows(state: State, from_ms: int) -> bool:
            kept = state.features[index]
            return times.floor_ms(state) == ALWAYS or bool(kept and kept[0] <= from_ms)

        return index, (knows,)

    def since(self, term: tree.First | tree.Last, comparator: str, right: Any) -> Compiled:
        """since(e) against a length: within a millisecond, `=` holds for exactly one."""
        index, knows = self.instant(term)
        length_ms = right.duration_ms
        later = length_ms + 1
        parts: dict[str, Part] = {
            ">=": leaves.elapsed(index, length_ms),
            ">": leaves.elapsed(index, later),
            "<": leaves.not_elapsed(index, length_ms),
            "<=": leaves.not_elapsed(index, later),
        }
        parts["="] = all_of((parts[">="], parts["<="]))
        parts["!="] = any_of((parts["<"], parts[">"]))
        return Compiled(parts[comparator], frozenset([index]), knows=knows)

    def instants(self, left: Any, comparator: str, right: Any) -> Compiled:
        """An instant against another."""
        one, knows = self.instant(left)
        other, knows_other = self.instant(right)
        part = leaves.instants_compare(one, other, OPERATORS[comparator])
        return Compiled(part, frozenset([one, other]), knows=knows + knows_other)

    def unanswered(self, rule: tree.Unanswered) -> Compiled:
        """unanswered(a, b by key, w, h)."""
        index = self.registry.open(rule.asked, rule.answer, rule.key).need(rule.until_ms)
        part = leaves.unanswered(index, rule.after_ms, rule.until_ms)
        return self.one(index, part, leaves.unanswered_is_known(index, GRACE_MS))

    @staticmethod
    def one(index: int, part: Part, knows: Knows) -> Compiled:
        """A part over one feature."""
        return Compiled(part, frozenset([index]), knows=(knows,))


def joined_all(parts: list[Compiled]) -> Compiled:
    """and."""
    return joined(all_of, near_all_of, parts)


def joined_any(parts: list[Compiled]) -> Compiled:
    """or."""
    return joined(any_of, near_any_of, parts)


def joined(combine: Combine, combine_near: Combine, parts: list[Compiled]) -> Compiled:
    """Several parts as one, reading what all of them read."""
    return Compiled(
        combine(tuple(one.part for one in parts)),
        frozenset().union(*(one.features for one in parts)),
        frozenset().union(*(one.attributes for one in parts)),
        tuple(knows for one in parts for knows in one.knows),
        combine_near(tuple(one.look for one in parts)),
    )


def by_thresholds(comparator: str, wanted: int, at_least: Callable[[int], Compiled]) -> Compiled:
    """A comparison of a whole number, made of `at least n` and its negation."""

    def below(least: int) -> Compiled:
        return at_least(least).negated()

    if comparator == ">=":
        return at_least(wanted)
    if comparator == ">":
        return at_least(wanted + 1)
    if comparator == "<":
        return below(wanted)
    if comparator == "<=":
        return below(wanted + 1)
    if comparator == "=":
        return joined_all([at_least(wanted), below(wanted + 1)])
    return joined_any([below(wanted), at_least(wanted + 1)])
