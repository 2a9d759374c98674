"""Birth dates by the Korean lunar calendar, as text: YYYY-MM-DD, with + in a leap month. Pure.

The year is 0000 when only the day is known.
"""

from __future__ import annotations

from dangol_rules import lunar
from dangol_rules.lunar import LunarDay


def to_text(year: int, month: int, day: int, leap: bool) -> str:
    """The text of a lunar birth date."""
    return f"{year:04}-{month:02}-{day:02}{'+' if leap else ''}"


def from_text(text: str) -> tuple[int, LunarDay]:
    """(year, day) of what `to_text` wrote."""
    year, month, day = text.rstrip("+").split("-")
    return int(year), LunarDay(int(month), int(day), text.endswith("+"))


def exists(text: str) -> bool:
    """Whether there was such a lunar day. Of a year that is not known, any may have been."""
    if not text:
        return True
    year, day = from_text(text)
    return not year or lunar.solar_date(year, day) is not None


def solar(text: str) -> str:
    """The solar date of birth as YYYY-MM-DD; empty when the year is not known."""
    year, day = from_text(text)
    found = lunar.solar_date(year, day) if year else None
    return found.isoformat() if found else ""


def birthday(birth_date: str, lunar_birth_date: str) -> str:
    """What rules get: MM-DD, or a lunar day as `dangol_rules.lunar` writes it."""
    if lunar_birth_date:
        return lunar.to_text(from_text(lunar_birth_date)[1])
    return birth_date[5:]
