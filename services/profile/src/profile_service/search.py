"""How staff find a customer, and what they are shown. Pure.

Names are looked up whole, by a Korean name's given part, by each word, and by the initial
consonants of the first two. What is stored of these is a keyed hash each.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

CANDIDATES_MAX: Final = 10
# A shop of a million has about a hundred customers for any four digits.
NUMBERS_MAX: Final = 1_000
PER_MINUTE_MAX: Final = 30
PER_DAY_MAX: Final = 1_000
MINUTE_MS: Final = 60_000
DAY_MS: Final = 24 * 60 * MINUTE_MS
_PHONE_DIGITS_MIN: Final = 7
_FIRST, _LAST = 0xAC00, 0xD7A3
# Of the syllables from U+AC00 on, 588 each begin with one of these (The Unicode Standard, 3.12).
_CONSONANTS: Final = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_SYLLABLES_EACH: Final = 588
_JAMO_FIRST: Final = 0x1100


class SearchKind(StrEnum):
    """By what was searched."""

    PHONE = "phone_last_four"
    NAME = "name"
    INITIALS = "initials"
    EMAIL = "email"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the asker knows; empty is unknown."""

    phone_last_four: str = ""
    name: str = ""
    initials: str = ""
    email: str = ""

    @property
    def kinds(self) -> tuple[SearchKind, ...]:
        """Those that were given."""
        return tuple(kind for kind in SearchKind if getattr(self, kind.value))


@dataclass(frozen=True, slots=True)
class SearchEntry:
    """One search as the log keeps it: who, where, by what, and who was shown."""

    at_ms: int
    caller: str
    store_id: str
    kinds: tuple[str, ...]
    customer_ids: tuple[str, ...]


def plain(name: str) -> str:
    """A name as it is compared: composed, without case and spaces."""
    return "".join(unicodedata.normalize("NFC", name).casefold().split())


def initials(name: str) -> str:
    """The initial consonants of a Korean name; empty for any other."""
    return _initials(plain(name))


def _initials(letters: str) -> str:
    found = []
    for letter in letters:
        if not _FIRST <= ord(letter) <= _LAST:
            return ""
        found.append(_CONSONANTS[(ord(letter) - _FIRST) // _SYLLABLES_EACH])
    return "".join(found)


def typed_initials(text: str) -> str:
    """Initial consonants as somebody typed them; empty when there is anything else in it."""
    letters = [_consonant(letter) for letter in "".join(text.split())]
    return "".join(letters) if all(letters) else ""


def _consonant(letter: str) -> str:
    if letter in _CONSONANTS:
        return letter
    position = ord(letter) - _JAMO_FIRST
    return _CONSONANTS[position] if 0 <= position < len(_CONSONANTS) else ""


def name_keys(name: str) -> list[tuple[SearchKind, str]]:
    """Everything under which a name is found."""
    return [*dict.fromkeys(_name_keys(name))]


def _name_keys(name: str) -> Iterator[tuple[SearchKind, str]]:
    whole = plain(name)
    if not whole:
        return
    yield SearchKind.NAME, whole
    words = name.split()
    for word in map(plain, words) if len(words) > 1 else ():
        if len(word) > 1:
            yield SearchKind.NAME, word
    consonants = _initials(whole)
    if len(consonants) > 1:
        yield SearchKind.INITIALS, consonants
    if len(consonants) > 2:
        yield SearchKind.NAME, whole[1:]
        yield SearchKind.INITIALS, consonants[1:]


def wanted_keys(wanted: Wanted) -> list[tuple[SearchKind, str]]:
    """What a customer's name has to be found under."""
    keys = []
    if wanted.name:
        keys.append((SearchKind.NAME, plain(wanted.name)))
    if wanted.initials:
        keys.append((SearchKind.INITIALS, typed_initials(wanted.initials)))
    return keys


def last_four(number: str) -> str:
    """The last four digits of a telephone number; empty for what is too short for one."""
    digits = [letter for letter in number if letter in "0123456789"]
    return "".join(digits[-4:]) if len(digits) >= _PHONE_DIGITS_MIN else ""


def mask_name(name: str) -> str:
    """The first and the last letter, with stars between; of two letters the first."""
    letters = " ".join(name.split())
    if len(letters) <= 2:
        return letters[:1] + "*" * (len(letters) - 1)
    inner = "".join(" " if letter == " " else "*" for letter in letters[1:-1])
    return letters[0] + inner + letters[-1]


def mask_phone(number: str) -> str:
    """Stars for all but the last four digits."""
    digits = last_four(number)
    return f"***-****-{digits}" if digits else ""


def check(wanted: Wanted) -> list[tuple[str, str]]:
    """(field path, what to do) for a search that finds nobody or everybody."""
    wrong = []
    if not wanted.kinds:
        wrong.append(("phone_last_four", "give digits, a name, initials or an e-mail address"))
    if wanted.name and len(plain(wanted.name)) < 2:
        wrong.append(("name", "give two letters or more"))
    if wanted.initials and len(typed_initials(wanted.initials)) < 2:
        wrong.append(("initials", "give two initial consonants or more, as in ㄱㅁㅅ"))
    return wrong
