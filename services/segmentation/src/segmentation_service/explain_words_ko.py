"""Explanations in Korean. Facts are said so that no particle depends on a name."""

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

UNITS = {"d": "일", "h": "시간", "m": "분", "s": "초", "ms": "밀리초"}
NEEDS = {
    "=": "정확히 {}",
    "!=": "{} 아님",
    "<": "{} 미만",
    "<=": "{} 이하",
    ">": "{} 초과",
    ">=": "{} 이상",
}
IS = {**NEEDS, "=": "{}"}
ORDERS = {
    "=": "두 시각이 같음",
    "!=": "두 시각이 다름",
    "<": "앞의 것이 더 먼저",
    "<=": "앞의 것이 같거나 더 먼저",
    ">": "앞의 것이 더 나중",
    ">=": "앞의 것이 같거나 더 나중",
}
SIZES = {
    "=": "두 값이 같음",
    "!=": "두 값이 다름",
    "<": "앞의 값이 더 작음",
    "<=": "앞의 값이 같거나 더 작음",
    ">": "앞의 값이 더 큼",
    ">=": "앞의 값이 같거나 더 큼",
}
TOTALS = {"sum": "합계", "avg": "평균", "min": "최솟값", "max": "최댓값"}
COUNTERS: dict[type, str] = {tree.Count: "회", tree.Distinct: "개"}
LISTED = 3


class Korean:
    """Says parts in Korean; one method a kind of part, each giving what is and what is needed."""

    def __init__(self, voice: Voice) -> None:
        self.voice = voice

    def reason(self, said: Said, negated: bool) -> str:
        """A fact with what is needed."""
        return f"{said[0]} ({'제외 조건' if negated else '조건'}: {said[1]})"

    def sentence(self, part: Part, said: Said) -> str:
        """A part with its fact, its truth and what becomes of it."""
        text = f"{self.reason(said, False)}. {self.verdict(part)}"
        more = further(part)
        if more == "ends":
            text += " 한 번 더 발생하면 더 이상 충족되지 않습니다."
        elif more is not None:
            text += f" {more:,}{COUNTERS[type(part.rule.left)]} 더 있으면 충족됩니다."
        return text

    def verdict(self, part: Part) -> str:
        """Whether the part holds, and until when."""
        if part.next_flip_ms is None:
            if part.holds:
                return "충족하고 있으며, 시간이 지나도 바뀌지 않습니다."
            return "충족하지 않으며, 시간이 지나는 것만으로는 바뀌지 않습니다."
        when = self.time(part.next_flip_ms)
        if part.holds:
            return f"충족하고 있으며, 다른 일이 없으면 {when}까지 유지됩니다."
        return f"아직 충족하지 않지만, 다른 일이 없으면 {when}부터 충족됩니다."

    def summary(self, whole: Part, entered_at_ms: int | None, reasons: list[str], more: int) -> str:
        """In or out, since when, why, and until when."""
        if whole.holds and entered_at_ms is not None:
            begin = f"{self.time(entered_at_ms)}부터 세그먼트에 속해 있습니다."
        elif whole.holds:
            begin = "세그먼트에 속해 있습니다."
        else:
            begin = "세그먼트에 속해 있지 않습니다."
        rest = f" 외 {more}건" if more else ""
        why = f"이유: {'; '.join(reasons)}{rest}."
        if whole.next_flip_ms is None:
            return f"{begin} {why} 시간이 지나는 것만으로는 바뀌지 않습니다."
        what = "벗어납니다" if whole.holds else "들어옵니다"
        return f"{begin} {why} 다른 일이 없으면 {self.time(whole.next_flip_ms)}에 {what}."

    def all_of(self, part: Part) -> Said:
        """and."""
        holding = sum(child.holds for child in part.children)
        return f"하위 조건 {len(part.children)}개 중 {holding}개 충족", "모두 충족"

    def any_of(self, part: Part) -> Said:
        """or."""
        return self.all_of(part)[0], "하나 이상 충족"

    def negation(self, part: Part) -> Said:
        """not."""
        holds = part.children[0].holds
        return f"하위 조건 {'충족' if holds else '미충족'}", "미충족"

    def in_segment(self, part: Part) -> Said:
        """in segment."""
        verb = "속함" if part.holds else "속하지 않음"
        return f'세그먼트 "{part.rule.segment_id}"에 {verb}', "속함"

    def measure(self, part: Part) -> Said:
        """A measure against a number."""
        rule = part.rule
        needed = self.quantity(rule.left, Fraction(rule.right.value))
        text = self.told(rule.left, part.fact.value)
        if part.fact.at_least:
            text += " 이상"
        return text, NEEDS[rule.comparator].format(needed)

    def measures(self, part: Part) -> Said:
        """Two measures."""
        one, other = part.rule.left, part.rule.right
        first = self.told(one, part.fact.value)
        return f"{first}; {self.told(other, part.fact.other)}", SIZES[part.rule.comparator]

    def told(self, term: Any, value: Any) -> str:
        """A measure and its value."""
        events = f"{self.window(term.window)} {self.events(term.events)}"
        if isinstance(term, tree.Count):
            return f"{events} {self.quantity(term, value)}"
        name = property_name(term.property)
        if isinstance(term, tree.Distinct):
            return f"{events}에서 서로 다른 {name} {self.quantity(term, value)}"
        shown = "없음" if value is None else self.quantity(term, value)
        return f"{events} {name} {TOTALS[term.function]} {shown}"

    def since(self, part: Part) -> Said:
        """since."""
        rule, at_ms = part.rule, part.fact.value
        event = self.events(rule.left.instant.events)
        length = self.duration(rule.right.duration_ms)
        needed = NEEDS[rule.comparator].format(length) + " 경과"
        if not isinstance(at_ms, int):
            return f"{event} 기록 없음", needed
        first = "첫" if isinstance(rule.left.instant, tree.First) else "마지막"
        ago = self.duration(part.now_ms - at_ms, 2)
        return f"{first} {event} {self.time(at_ms)}, {ago} 경과", needed

    def instants(self, part: Part) -> Said:
        """Two instants."""
        rule, fact = part.rule, part.fact
        pairs = ((rule.left, fact.value), (rule.right, fact.other))
        return "; ".join(self.happened(*pair) for pair in pairs), ORDERS[rule.comparator]

    def happened(self, term: Any, at_ms: Any) -> str:
        """One instant."""
        event = self.events(term.events)
        if at_ms is None:
            return f"{event} 기록 없음"
        return f"{'첫' if isinstance(term, tree.First) else '마지막'} {event} {self.time(at_ms)}"

    def unanswered(self, part: Part) -> Said:
        """unanswered."""
        rule, keys = part.rule, part.fact.open
        asked, answer = self.events(rule.asked), self.events(rule.answer)
        name = property_name(rule.key)
        text = f"{asked} 후 같은 {name}의 {answer} 없음 {len(keys)}건"
        if keys:
            listed = [
                f"{f'{name} {one.key}, ' if one.key else ''}{self.time(one.asked_ms)} 발생,"
                f" {self.time(one.until_ms)}까지 유효"
                for one in keys[:LISTED]
            ]
            rest = f" 외 {len(keys) - LISTED}건" if len(keys) > LISTED else ""
            text += f": {'; '.join(listed)}{rest}"
        after, until = self.duration(rule.after_ms), self.duration(rule.until_ms)
        return text, f"{after} 이상 {until} 미만 경과한 건이 있음"

    def attribute(self, part: Part) -> Said:
        """A profile attribute or custom field."""
        rule = part.rule
        one_of = isinstance(rule, tree.OneOf)
        term = rule.term if one_of else rule.left
        if isinstance(term, tree.Profile):
            name = ATTRIBUTES[term.name][1]
        else:
            name = f"항목 {own_name(term.name)}"
        if one_of:
            needed = ", ".join(map(quoted, rule.values)) + " 중 하나"
        else:
            needed = IS[rule.comparator].format(self.literal(term, rule.right))
        value = part.fact.value
        if value is None:
            return f"{name} 정보 없음", needed
        number = not one_of and isinstance(rule.right, tree.Number)
        return f"{name} {self.number(Fraction(str(value))) if number else quoted(value)}", needed

    def member(self, part: Part) -> Said:
        """profile.member."""
        wanted = wants_flag(part.rule)
        return "회원" if part.fact.value else "비회원", "회원" if wanted else "비회원"

    def flag(self, part: Part) -> Said:
        """A custom flag."""
        shown = "예" if part.fact.value is True else "아니요 또는 정보 없음"
        return f"항목 {own_name(part.rule.term.name)} {shown}", "예"

    def tag(self, part: Part) -> Said:
        """A tag."""
        return f"태그 {quoted(part.rule.tag)} {'있음' if part.fact.value else '없음'}", "있음"

    def consent(self, part: Part) -> Said:
        """consent."""
        purpose, _, channel = part.rule.term.name.partition(".")
        what = PURPOSES.get(purpose, ("", f"{quoted(purpose)} 목적"))[1]
        how = CHANNELS.get(channel, ("", f"{quoted(channel)} 채널"))[1]
        given = "동의함" if part.fact.value else "동의하지 않음"
        return f"{how} {what} {given}", "동의"

    def birthday(self, part: Part) -> Said:
        """birthday within."""
        return self.yearly("생일", part)

    def anniversary(self, part: Part) -> Said:
        """anniversary within."""
        return self.yearly("고객이 된 기념일", part)

    def yearly(self, name: str, part: Part) -> Said:
        """A day of the calendar."""
        days, day = part.rule.days, part.fact.value
        needed = f"오늘부터 {days}일 이내" if days else "오늘"
        return f"{name} {self.day(day) if isinstance(day, date) else '정보 없음'}", needed

    def events(self, events: tree.Events) -> str:
        """A type of event, with what narrows it."""
        noun = EVENTS.get(events.event, ("", "", f"{quoted(events.event)} 이벤트"))[2]
        return noun if events.where is None else f"{noun}({self.predicate(events.where)})"

    def predicate(self, rule: Any) -> str:
        """A where clause."""
        if isinstance(rule, tree.And | tree.Or):
            word = " 그리고 " if isinstance(rule, tree.And) else " 또는 "
            return word.join(
                f"({self.predicate(part)})"
                if isinstance(part, tree.And | tree.Or)
                else self.predicate(part)
                for part in rule.parts
            )
        if isinstance(rule, tree.Not):
            return f"({self.predicate(rule.part)}) 제외"
        if isinstance(rule, tree.AnyItem):
            return f"상품 중 하나라도 {self.predicate(rule.predicate)}"
        if isinstance(rule, tree.Holds):
            return f"{property_name(rule.term.name)} 예"
        if isinstance(rule, tree.OneOf):
            values = ", ".join(map(quoted, rule.values))
            return f"{property_name(rule.term.name)} {values} 중 하나"
        needed = IS[rule.comparator].format(self.literal(rule.left, rule.right))
        return f"{property_name(rule.left.name)} {needed}"

    def literal(self, term: Any, literal: Any) -> str:
        """A text, number or flag of a rule."""
        if isinstance(literal, tree.Number):
            if term.name in ("amount", "item.amount", "item.unit_price"):
                return self.money(Fraction(literal.value))
            return self.number(Fraction(literal.value))
        return quoted(literal.value)

    def quantity(self, term: Any, value: Fraction) -> str:
        """A measure's value with its counter."""
        if is_money(term):
            return self.money(value)
        return self.number(value) + COUNTERS.get(type(term), "")

    def money(self, value: Fraction) -> str:
        """An amount in the tenant's currency."""
        code = self.voice.currency_code
        digits, exact = amount_digits(value, self.voice.exponent)
        unit = CURRENCIES.get(code, ("", f" {code}"))[1]
        return f"{'' if exact else '약 '}{digits}{unit}"

    def number(self, value: Fraction) -> str:
        """A plain number."""
        digits, exact = rounded(value, PLACES, grouped=True)
        return digits if exact else f"약 {digits}"

    def window(self, window: tree.Window | None) -> str:
        """Which events count."""
        if window is None:
            return "지금까지"
        older = self.duration(window.older_ms)
        if not window.newer_ms:
            return f"최근 {older} 동안"
        return f"{older} 전부터 {self.duration(window.newer_ms)} 전까지"

    def duration(self, duration_ms: int, most: int = 5) -> str:
        """A length of time."""
        units = [f"{count:,}{UNITS[unit]}" for count, unit in units_of(duration_ms, most)]
        return " ".join(units) or "0초"

    def time(self, at_ms: int) -> str:
        """An instant on the tenant's clock."""
        local = self.voice.local(at_ms)
        clock = f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"
        return f"{self.day(local.date())} {clock}"

    def day(self, day: date) -> str:
        """A day."""
        return f"{day.year}년 {day.month}월 {day.day}일"


def property_name(name: str) -> str:
    """A property of events."""
    return PROPERTIES[name][1] if name in PROPERTIES else own_name(name)


def quoted(value: Any) -> str:
    """A text as it is, a flag as yes or no."""
    if isinstance(value, bool):
        return "예" if value else "아니요"
    return f'"{value}"'
