"""What a page says first to whoever opens it: the first greeting that fits. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

import msgspec

from offers_service import placeholders
from offers_service.placeholders import TextInvalidError

Violation = tuple[str, str]
READY_PREFIX = "ready:"
REQUESTS_MAX = 50
_NAME, _TIER = "customer_name", "tier_name"
_MORNING, _NOON, _EVENING, _MIDNIGHT = 300, 720, 1080, 1440


class GreetingsOutcome(StrEnum):
    APPLIED = "APPLIED"
    VERSION_CONFLICT = "VERSION_CONFLICT"
    REQUEST_CONFLICT = "REQUEST_CONFLICT"


class Greeting(msgspec.Struct, frozen=True, omit_defaults=True):
    """texts: (language, text). Minutes are of the day; from 1320 to 300 is the night, 0 to 0 the
    whole day. What is empty fits everybody."""

    greeting_id: str
    texts: tuple[tuple[str, str], ...]
    tiers: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    birthday: bool = False
    from_minute: int = 0
    until_minute: int = 0


class Greetings(msgspec.Struct, frozen=True, omit_defaults=True):
    """A tenant's own; requests: (id, greetings) of the last changes."""

    greetings: tuple[Greeting, ...] = ()
    version: int = 0
    requests: tuple[tuple[str, tuple[Greeting, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Guest:
    """Who is greeted. languages: the best first; tier_names by language; empty is not known."""

    languages: tuple[str, ...]
    name: str = ""
    tier: str = ""
    tier_names: Mapping[str, str] = field(default_factory=dict)
    segments: frozenset[str] = frozenset()
    born: date | None = None


class Greeted(NamedTuple):
    """What is said; it may hold the customer's name, and is never stored."""

    text: str
    language: str
    greeting_id: str


def _ready(name: str, korean: str, english: str, **conditions: int | bool) -> Greeting:
    texts = (("ko", korean), ("en", english))
    return msgspec.convert(
        {"greeting_id": f"{READY_PREFIX}{name}", "texts": texts, **conditions}, Greeting
    )


# For tenants without greetings of their own, and where none of those fits.
READY: tuple[Greeting, ...] = (
    _ready(
        "birthday",
        "{{ customer_name }} 님, 생일을 진심으로 축하드려요!",
        "Happy birthday, {{ customer_name }}!",
        birthday=True,
    ),
    _ready(
        "tier",
        "{{ tier_name }} 회원 {{ customer_name }} 님, 다시 뵈어 반가워요.",
        "Good to see you again, {{ customer_name }}, our {{ tier_name }} member.",
    ),
    _ready(
        "morning",
        "{{ customer_name }} 님, 좋은 아침이에요.",
        "Good morning, {{ customer_name }}.",
        from_minute=_MORNING,
        until_minute=_NOON,
    ),
    _ready(
        "evening",
        "{{ customer_name }} 님, 편안한 저녁 보내세요.",
        "Good evening, {{ customer_name }}.",
        from_minute=_EVENING,
        until_minute=_MIDNIGHT,
    ),
    _ready("member", "{{ customer_name }} 님, 반가워요.", "Welcome back, {{ customer_name }}."),
    _ready("guest", "어서 오세요.", "Welcome."),
)


def greet(own: Sequence[Greeting], guest: Guest, local: datetime) -> Greeted:
    """The first of `own` that fits, else the first ready one; the last of these fits everybody."""
    for greeting in (*own, *READY):
        said = _said(greeting, guest) if _fits(greeting, guest, local) else None
        if said is not None:
            return said
    raise AssertionError("the last ready greeting has no condition and no placeholder")


def violations(greetings: Sequence[Greeting]) -> list[Violation]:
    """(field, what to do) for what is wrong with them."""
    found = list(_wrong_texts(greetings))
    ids = [greeting.greeting_id for greeting in greetings]
    for index, greeting_id in enumerate(ids):
        if greeting_id in ids[:index]:
            found.append((f"greetings[{index}].greeting_id", "name each greeting differently"))
    return found


def change(
    stored: Greetings, request_id: str, greetings: tuple[Greeting, ...], version: int
) -> tuple[GreetingsOutcome, Greetings]:
    """The greetings after the change; a repeated request finds its change already made."""
    for known, before in stored.requests:
        if known == request_id:
            same = before == greetings
            outcome = GreetingsOutcome.APPLIED if same else GreetingsOutcome.REQUEST_CONFLICT
            return outcome, stored
    if version != stored.version:
        return GreetingsOutcome.VERSION_CONFLICT, stored
    requests = (*stored.requests, (request_id, greetings))[-REQUESTS_MAX:]
    return GreetingsOutcome.APPLIED, Greetings(greetings, stored.version + 1, requests)


def _wrong_texts(greetings: Sequence[Greeting]) -> Iterator[Violation]:
    for index, greeting in enumerate(greetings):
        for language, text in greeting.texts:
            place = f'greetings[{index}].texts["{language}"]'
            try:
                unknown = placeholders.names(text) - {_NAME, _TIER}
            except TextInvalidError as error:
                yield place, str(error)
                continue
            if unknown:
                yield place, f"{min(unknown)} is not known: use {_NAME} or {_TIER}"


def _fits(greeting: Greeting, guest: Guest, local: datetime) -> bool:
    return (
        (not greeting.tiers or guest.tier in greeting.tiers)
        and (not greeting.segments or not guest.segments.isdisjoint(greeting.segments))
        and (not greeting.birthday or _is_birthday(guest.born, local.date()))
        and _within(greeting, local.hour * 60 + local.minute)
    )


def _within(greeting: Greeting, minute: int) -> bool:
    begin, end = greeting.from_minute, greeting.until_minute
    if begin == end:
        return True
    return begin <= minute < end if begin < end else minute >= begin or minute < end


def _is_birthday(born: date | None, today: date) -> bool:
    """Who was born on 29 February has it on the 28th where there is no 29th."""
    if born is None:
        return False
    leap = today.year % 4 == 0 and (today.year % 100 != 0 or today.year % 400 == 0)
    if (born.month, born.day) == (2, 29) and not leap:
        return (today.month, today.day) == (2, 28)
    return (born.month, born.day) == (today.month, today.day)


def _said(greeting: Greeting, guest: Guest) -> Greeted | None:
    texts = dict(greeting.texts)
    language = next((one for one in guest.languages if one in texts), greeting.texts[0][0])
    names = guest.tier_names
    tier_name = names.get(language) or next(iter(names.values()), "")
    known = {_NAME: guest.name, _TIER: tier_name}
    values = {name: value for name, value in known.items() if value}
    if placeholders.names(texts[language]) - values.keys():
        return None
    return Greeted(placeholders.fill(texts[language], values), language, greeting.greeting_id)
