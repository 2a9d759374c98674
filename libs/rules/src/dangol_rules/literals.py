"""Texts, numbers, flags and lengths of time."""

from __future__ import annotations

import re
from decimal import Decimal

from lark import Token

from dangol_rules import tree
from dangol_rules.error import (
    DAY_MS,
    HOUR_MS,
    MAX_STRING_LENGTH,
    MAX_WINDOW_MS,
    MINUTE_MS,
    SECOND_MS,
    WEEK_MS,
    RuleError,
    shorten,
)

UNITS_MS = {
    "ms": 1,
    "s": SECOND_MS,
    "m": MINUTE_MS,
    "h": HOUR_MS,
    "d": DAY_MS,
    "w": WEEK_MS,
}
UNITS_HINT = "write a whole number and ms, s, m, h, d or w: 90d"


def fail_at(token: Token, message: str, hint: str) -> RuleError:
    """The error at a token."""
    return RuleError(token.line or 1, token.column or 1, message, hint)


def build_span(token: Token) -> tree.Span:
    """A length of time of at most two years."""
    matched = re.fullmatch(r"([0-9]+)([A-Za-z]+)", token)
    if matched is None:
        message = f"{shorten(token)} is neither a number nor a length of time"
        raise fail_at(token, message, UNITS_HINT)
    count, unit = matched.groups()
    if unit not in UNITS_MS:
        raise fail_at(token, f"unknown unit {shorten(unit)}", UNITS_HINT)
    if len(count) > 15 or int(count) * UNITS_MS[unit] > MAX_WINDOW_MS:
        raise fail_at(token, "longer than two years", "use at most 730d")
    return tree.Span(int(count) * UNITS_MS[unit])


def build_number(token: Token) -> tree.Number:
    """A decimal of at most 18 digits before the point and 9 after."""
    whole, _, fraction = token.lstrip("-").partition(".")
    if len(whole) > 18 or len(fraction) > 9:
        raise fail_at(
            token, "too many digits", "use at most 18 digits before the point and 9 after"
        )
    return tree.Number(Decimal(str(token)))


def build_literal(token: Token) -> tree.Text | tree.Number | tree.Flag | tree.Span:
    """The value of a literal token."""
    if token.type == "NUMBER":
        return build_number(token)
    if token.type == "DURATION":
        return build_span(token)
    if token.type in ("TRUE", "FALSE"):
        return tree.Flag(token.type == "TRUE")
    text = re.sub(r'\\(["\\])', r"\1", token[1:-1])
    if "\t" in text or "\r" in text:
        raise fail_at(token, "a tab or line break in a text", "write a space")
    if len(text) > MAX_STRING_LENGTH:
        raise fail_at(token, f"a text of more than {MAX_STRING_LENGTH} characters", "shorten it")
    return tree.Text(text)
