"""Explanations in English."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

from dangol_rules import tree

from segmentation_service.explain_words_names import (
    ATTRIBUTES,
    CHANNELS,
    CURRENCIES,
    EVENTS,
    PROPERTIES,
    PURPOSES,
    own_name,
)
from segmentation_service.explain_words_parts import (
    PLACES,
    Part,
    Voice,
    amount_digits,
    further,
    is_money,
    rounded,
    units_of,
    wants_flag,
)

Said = tuple[str, str]  # what is, and what is needed

UNITS = {"d": "day", "h": "hour", "m": "minute", "s": "second", "ms": "millisecond"}
NEEDS = {
    "=": "exactly {}",
    "!=": "any but {}",
    "<": "less than {}",
    "<=": "at most {}",
    ">": "more than {}",
    ">=": "at least {}",
}
IS = {**NEEDS, "=": "{}", "!=": "other than {}"}
ORDERS = {
    "=": "both at the same instant",
    "!=": "the two at different instants",
    "<": "the first before the second",
    "<=": "the first not after the second",
    ">": "the first after the second",
    ">=": "the first not before the second",
}
SIZES = {
    "=": "both equal",
    "!=": "the two different",
    "<": "the first less than the second",
    "<=": "the first at most the second",
    ">": "the first more than the second",
    ">=": "the first at least the second",
}
TOTALS = {"sum": "total", "avg": "average", "min": "least", "max": "greatest"}
MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September"),
    *("October", "November", "December"),
)
LISTED = 3


class English:
    """Says parts in English; one method a kind of part, each giving what is and what is needed."""

    def __init__(self, voice: Voice) -> None:
        self.voice = voice

    def reason(self, said: Said, negated: bool) -> str:
        """A fact with what is needed."""
        return f"{said[0]} ({'excludes: ' if negated else 'needs '}{said[1]})"

    def sentence(self, part: Part, said: Said) -> str:
        """A part with its fact, its truth and what becomes of it."""
        text = f"{self.reason(said, False)}: {self.verdict(part)}"
        more = further(part)
        if more == "ends":
            text += "; the next one ends it"
        elif more is not None:
            text += f"; {more} more would do"
        return upper(text) + "."

    def verdict(self, part: Part) -> str:
        """Whether the part holds, and until when."""
        if part.next_flip_ms is None:
            truth = "holds" if part.holds else "does not hold"
            return f"{truth}, and time alone will not change that"
        when = self.time(part.next_flip_ms)
        if part.holds:
            return f"holds until {when} if nothing else happens"
        return f"does not hold; from {when} on it will if nothing else happens"

    def summary(self, whole: Part, entered_at_ms: int | None, reasons: list[str], more: int) -> str:
        """In or out, since when, why, and until when."""
        if whole.holds and entered_at_ms is not None:
            begin = f"In the segment since {self.time(entered_at_ms)}"
        else:
            begin = "In the segment" if whole.holds else "Not in the segment"
        rest = f"; and {more} more" if more else ""
        if whole.next_flip_ms is None:
            change = "Time alone will not change that."
        else:
            what = "Leaves" if whole.holds else "Enters"
            change = f"{what} on {self.time(whole.next_flip_ms)} if nothing else happens."
        return f"{begin}, because: {'; '.join(reasons)}{rest}. {change}"

    def all_of(self, part: Part) -> Said:
        """and."""
        holding = sum(child.holds for child in part.children)
        return f"{holding} of {len(part.children)} parts hold{'s' * (holding == 1)}", "all"

    def any_of(self, part: Part) -> Said:
        """or."""
        return self.all_of(part)[0], "at least one"

    def negation(self, part: Part) -> Said:
        """not."""
        holds = part.children[0].holds
        return f"the part below {'holds' if holds else 'does not hold'}", "it not to hold"

    def in_segment(self, part: Part) -> Said:
        """in segment."""
        verb = "is" if part.holds else "is not"
        return f'{verb} in the segment "{part.rule.segment_id}"', "to be in it"

    def measure(self, part: Part) -> Said:
        """A measure against a number."""
        rule = part.rule
        needed = self.quantity(rule.left, Fraction(rule.right.value))
        return self.measured(rule.left, part), NEEDS[rule.comparator].format(needed)

    def measures(self, part: Part) -> Said:
        """Two measures."""
        one, other = part.rule.left, part.rule.right
        first = self.measured(one, part)
        return f"{first}; {self.told(other, part.fact.other)}", SIZES[part.rule.comparator]

    def measured(self, term: Any, part: Part) -> str:
        """The measure on the left."""
        at_least = "at least " if part.fact.at_least else ""
        return self.told(term, part.fact.value, at_least)

    def told(self, term: Any, value: Any, at_least: str = "") -> str:
        """A measure and its value."""
        window = self.window(term.window)
        if isinstance(term, tree.Count):
            return f"{at_least}{self.number(value)} {self.events(term.events, value == 1)} {window}"
        among = self.events(term.events, False)
        name = property_name(term.property)
        if isinstance(term, tree.Distinct):
            different = "different " if value != 1 else ""
            values = several(term.property, value == 1)
            return f"{at_least}{self.number(value)} {different}{values} in {among} {window}"
        if value is None:
            return f"no {name} in {among} {window}"
        total = f"{TOTALS[term.function]} {name} of {among} {window}"
        return f"{total}: {self.quantity(term, value)}"

    def since(self, part: Part) -> Said:
        """since."""
        rule, at_ms = part.rule, part.fact.value
        first = isinstance(rule.left.instant, tree.First)
        event = self.events(rule.left.instant.events, True)
        needed = NEEDS[rule.comparator].format(self.duration(rule.right.duration_ms)) + " ago"
        if not isinstance(at_ms, int):
            return f"no {event} yet", needed
        ago = self.duration(part.now_ms - at_ms, 2)
        return f"{'first' if first else 'last'} {event} on {self.time(at_ms)}, {ago} ago", needed

    def instants(self, part: Part) -> Said:
        """Two instants."""
        rule, fact = part.rule, part.fact
        pairs = ((rule.left, fact.value), (rule.right, fact.other))
        return "; ".join(self.happened(*pair) for pair in pairs), ORDERS[rule.comparator]

    def happened(self, term: Any, at_ms: Any) -> str:
        """One instant."""
        event = self.events(term.events, True)
        if at_ms is None:
            return f"no {event} yet"
        first = "first" if isinstance(term, tree.First) else "last"
        return f"{first} {event} on {self.time(at_ms)}"

    def unanswered(self, part: Part) -> Said:
        """unanswered."""
        rule, keys = part.rule, part.fact.open
        asked, answer = self.events(rule.asked, len(keys) == 1), self.events(rule.answer, True)
        name = property_name(rule.key)
        text = f"{len(keys)} {asked} with no {answer} of the same {name} since"
        if keys:
            listed = [
                f"{f'{name} {one.key} ' if one.key else ''}since {self.time(one.asked_ms)},"
                f" open until {self.time(one.until_ms)}"
                for one in keys[:LISTED]
            ]
            rest = f"; {len(keys) - LISTED} more" if len(keys) > LISTED else ""
            text += f": {'; '.join(listed)}{rest}"
        after, until = self.duration(rule.after_ms), self.duration(rule.until_ms)
        return text, f"one that has waited {after} and less than {until}"

    def attribute(self, part: Part) -> Said:
        """A profile attribute or custom field."""
        rule = part.rule
        one_of = isinstance(rule, tree.OneOf)
        term = rule.term if one_of else rule.left
        if isinstance(term, tree.Profile):
            name = ATTRIBUTES[term.name][0]
        else:
            name = f"field {own_name(term.name)}"
        if one_of:
            needed = "one of " + ", ".join(map(quoted, rule.values))
        else:
            needed = IS[rule.comparator].format(self.literal(term, rule.right))
        value = part.fact.value
        if value is None:
            return f"{name} not known", needed
        number = not one_of and isinstance(rule.right, tree.Number)
        shown = self.number(Fraction(str(value))) if number else quoted(value)
        return f"{name} {shown}", needed

    def member(self, part: Part) -> Said:
        """profile.member."""
        wanted = wants_flag(part.rule)
        needed = "a member" if wanted else "not a member"
        return "a member" if part.fact.value else "not a member", needed

    def flag(self, part: Part) -> Said:
        """A custom flag."""
        shown = "set" if part.fact.value is True else "not set"
        return f"field {own_name(part.rule.term.name)} {shown}", "set"

    def tag(self, part: Part) -> Said:
        """A tag."""
        return f"{'' if part.fact.value else 'no '}tag {quoted(part.rule.tag)}", "the tag"

    def consent(self, part: Part) -> Said:
        """consent."""
        purpose, _, channel = part.rule.term.name.partition(".")
        what = PURPOSES.get(purpose, (quoted(purpose),))[0]
        how = CHANNELS.get(channel, (quoted(channel),))[0]
        given = "consent" if part.fact.value else "no consent"
        return f"{given} to {what} by {how}", "consent"

    def birthday(self, part: Part) -> Said:
        """birthday within."""
        return self.yearly("birthday", part)

    def anniversary(self, part: Part) -> Said:
        """anniversary within."""
        return self.yearly("anniversary of becoming a customer", part)

    def yearly(self, name: str, part: Part) -> Said:
        """A day of the calendar."""
        days, day = part.rule.days, part.fact.value
        needed = f"today or within {counted(days, 'day')}" if days else "today"
        if not isinstance(day, date):
            return f"{name} not known", needed
        return f"{name} on {self.day(day)}", needed

    def events(self, events: tree.Events, one: bool) -> str:
        """A type of event, with what narrows it."""
        single, several, _ = EVENTS.get(
            events.event, (f"{quoted(events.event)} event", f"{quoted(events.event)} events", "")
        )
        noun = single if one else several
        return noun if events.where is None else f"{noun} where {self.predicate(events.where)}"

    def predicate(self, rule: Any) -> str:
        """A where clause."""
        if isinstance(rule, tree.And | tree.Or):
            word = " and " if isinstance(rule, tree.And) else " or "
            return word.join(map(self.inner, rule.parts))
        if isinstance(rule, tree.Not):
            return f"not ({self.predicate(rule.part)})"
        if isinstance(rule, tree.AnyItem):
            return f"some item has {self.predicate(rule.predicate)}"
        if isinstance(rule, tree.Holds):
            return f"{property_name(rule.term.name)} set"
        if isinstance(rule, tree.OneOf):
            values = ", ".join(map(quoted, rule.values))
            return f"{property_name(rule.term.name)} one of {values}"
        needed = IS[rule.comparator].format(self.literal(rule.left, rule.right))
        return f"{property_name(rule.left.name)} {needed}"

    def inner(self, rule: Any) -> str:
        """A part of a where clause, in parentheses if it has parts itself."""
        text = self.predicate(rule)
        return f"({text})" if isinstance(rule, tree.And | tree.Or) else text

    def literal(self, term: Any, literal: Any) -> str:
        """A text, number or flag of a rule."""
        if isinstance(literal, tree.Number):
            if term.name in ("amount", "item.amount", "item.unit_price"):
                return self.money(Fraction(literal.value))
            return self.number(Fraction(literal.value))
        if isinstance(literal, tree.Flag):
            return "yes" if literal.value else "no"
        return quoted(literal.value)

    def quantity(self, term: Any, value: Fraction) -> str:
        """A measure's value."""
        return self.money(value) if is_money(term) else self.number(value)

    def money(self, value: Fraction) -> str:
        """An amount in the tenant's currency."""
        code = self.voice.currency_code
        digits, exact = amount_digits(value, self.voice.exponent)
        sign = "-" if digits.startswith("-") else ""
        symbol = CURRENCIES.get(code, (code + " ",))[0]
        return f"{'' if exact else 'about '}{sign}{symbol}{digits.removeprefix('-')}"

    def number(self, value: Fraction) -> str:
        """A plain number."""
        digits, exact = rounded(value, PLACES, grouped=True)
        return digits if exact else f"about {digits}"

    def window(self, window: tree.Window | None) -> str:
        """Which events count."""
        if window is None:
            return "so far"
        older = self.duration(window.older_ms)
        if not window.newer_ms:
            return f"in the last {older}"
        return f"from {older} ago to {self.duration(window.newer_ms)} ago"

    def duration(self, duration_ms: int, most: int = 5) -> str:
        """A length of time."""
        units = [counted(count, UNITS[unit]) for count, unit in units_of(duration_ms, most)]
        return " ".join(units) or "0 seconds"

    def time(self, at_ms: int) -> str:
        """An instant on the tenant's clock."""
        local = self.voice.local(at_ms)
        clock = f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"
        return f"{self.day(local.date())}, {clock}"

    def day(self, day: date) -> str:
        """A day."""
        return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def counted(count: int, noun: str) -> str:
    """A count with its noun."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def property_name(name: str) -> str:
    """A property of events."""
    return PROPERTIES[name][0] if name in PROPERTIES else own_name(name)


def several(name: str, one: bool) -> str:
    """Values of a property: sessions, categories."""
    noun = property_name(name)
    if name not in PROPERTIES:
        return f"{'value' if one else 'values'} of {noun}"
    if one:
        return noun
    return noun[:-1] + "ies" if noun.endswith("y") else noun + "s"


def quoted(value: Any) -> str:
    """A text as it is, a flag as yes or no."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f'"{value}"'


def upper(text: str) -> str:
    """With a capital at the beginning."""
    return text[:1].upper() + text[1:]
