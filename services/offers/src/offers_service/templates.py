"""Templates of messages: what they declare, and what is wrong with them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum

import msgspec

from offers_service import channels, placeholders

Violation = tuple[str, str]
CUSTOMER_NAME, SHOP_NAME, COUPON = "customer_name", "shop_name", "coupon_id"
BUILT_IN = frozenset({CUSTOMER_NAME, SHOP_NAME, COUPON})
TEMPLATES_MAX = 2_000
_VALUE_MAX = 500
# Whatever looks like the label, with the tricks of those who want it overlooked.
_LABEL = re.compile(r"[(\[{（［<【]\W*광\W*고\W*[)\]}）］>】]")


class ValueType(StrEnum):
    TEXT = "TEXT"
    NUMBER = "NUMBER"
    MONEY = "MONEY"
    DATE = "DATE"
    TIME = "TIME"
    URL = "URL"


class TemplateOutcome(StrEnum):
    """What came of writing a template."""

    APPLIED = "APPLIED"
    EXISTS = "EXISTS"
    NOT_FOUND = "NOT_FOUND"
    VERSION_CONFLICT = "VERSION_CONFLICT"
    REQUEST_CONFLICT = "REQUEST_CONFLICT"
    TOO_MANY = "TOO_MANY"


class Value(msgspec.Struct, frozen=True, omit_defaults=True):
    """A placeholder of the template's own. default None: every message has to bring it."""

    name: str
    type: ValueType
    default: str | None = None


class Text(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is sent on one channel in one language. long: an sms may become an LMS."""

    channel: str
    language: str
    text: str
    subject: str = ""
    html: str = ""
    long: bool = False

    @property
    def names(self) -> frozenset[str]:
        """Its placeholders. Raises TextInvalidError."""
        return frozenset().union(*map(placeholders.names, (self.subject, self.text, self.html)))


class Template(msgspec.Struct, frozen=True, omit_defaults=True):
    """One version of a template."""

    template_id: str
    display_name: str
    values: tuple[Value, ...] = ()
    texts: tuple[Text, ...] = ()
    version: int = 1

    def on(self, channel: str) -> list[Text]:
        """Its texts for a channel."""
        return [text for text in self.texts if text.channel == channel]

    def text(self, channel: str, languages: Iterable[str]) -> Text | None:
        """The channel's text in the first language that there is, else its first; None for none.

        Of a language such as en-GB only the first part counts.
        """
        found = {text.language: text for text in reversed(self.on(channel))}
        for language in languages:
            if (short := language.partition("-")[0].lower()) in found:
                return found[short]
        return next(iter(self.on(channel)), None)


def is_valid(kind: ValueType, value: str) -> bool:
    """Whether a value is written as its type asks for."""
    try:
        if kind is ValueType.DATE:
            date.fromisoformat(value)
        elif kind is ValueType.TIME:
            at = datetime.fromisoformat(value)
            return at.tzinfo is not None and 1970 <= at.year < 9999
    except ValueError:
        return False
    pattern = _PATTERNS.get(kind)
    return len(value) <= _VALUE_MAX and (pattern is None or bool(pattern.fullmatch(value)))


_PATTERNS = {
    ValueType.NUMBER: re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,6})?"),
    ValueType.MONEY: re.compile(r"-?[0-9]{1,15}"),
    ValueType.DATE: re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"),
    ValueType.TIME: re.compile(
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{5,15}(Z|[+-][0-9]{2}:[0-9]{2})"
    ),
    ValueType.URL: re.compile(r"https://[^\s\"'<>]{1,490}"),
}
HOW = {
    ValueType.TEXT: "use at most 500 characters",
    ValueType.NUMBER: "write a decimal, such as 1234.5",
    ValueType.MONEY: "write minor units of the tenant's currency, such as 12900",
    ValueType.DATE: "write a date, such as 2026-11-27",
    ValueType.TIME: "write an instant, such as 2026-11-27T12:30:00Z",
    ValueType.URL: "write an address that begins with https://",
}


def violations(template: Template) -> list[Violation]:
    """(field, what to do) for everything that is wrong with a template as it was sent."""
    found = _values(template.values)
    known = BUILT_IN | {value.name for value in template.values}
    seen = set[tuple[str, str]]()
    for index, text in enumerate(template.texts):
        field = f"template.texts[{index}]"
        key = (text.channel, text.language)
        if key in seen:
            found.append((f"{field}.language", "there is such a text already: give one of each"))
        seen.add(key)
        for name in ("subject", "text", "html"):
            found += _source(f"{field}.{name}", getattr(text, name), known)
        found += _shape(field, text)
    return found


def mismatches(template: Template, channel: str, values: Mapping[str, str]) -> list[Violation]:
    """(field, what to do) for values that do not fit the channel's texts."""
    texts = template.on(channel)
    if not texts:
        return [("message.channel", f"the template has no text for {channel}: add one")]
    declared = {value.name: value for value in template.values}
    used = frozenset[str]().union(*[text.names for text in texts])
    found = []
    for value in template.values:
        if value.name in used and value.default is None and value.name not in values:
            found.append((f"values.{value.name}", "the template needs it: send it"))
    if COUPON in used and COUPON not in values:
        found.append((f"values.{COUPON}", "the template shows the coupon: send its id"))
    for name in sorted(values.keys() - {COUPON}):
        if name not in declared:
            found.append((f"values.{name}", "the template does not know it: leave it out"))
        elif not is_valid(declared[name].type, values[name]):
            found.append((f"values.{name}", HOW[declared[name].type]))
    return found


def _values(values: Sequence[Value]) -> list[Violation]:
    found = []
    seen = set[str]()
    for index, value in enumerate(values):
        field = f"template.values[{index}]"
        if value.name in BUILT_IN:
            found.append((f"{field}.name", f"{value.name} is always there: do not declare it"))
        if value.name in seen:
            found.append((f"{field}.name", "declare each value once"))
        seen.add(value.name)
        if value.default is not None and not is_valid(value.type, value.default):
            found.append((f"{field}.default_value", HOW[value.type]))
    return found


def _source(field: str, source: str, known: frozenset[str]) -> list[Violation]:
    try:
        unknown = sorted(placeholders.names(source) - known)
    except placeholders.TextInvalidError as error:
        return [(field, str(error))]
    found = [(field, f"{name} is not declared: add it to values") for name in unknown]
    if _LABEL.search(source):
        found.append((field, "the label is put on when it is sent: leave it out"))
    return found


def _shape(field: str, text: Text) -> list[Violation]:
    found = []
    if text.channel == channels.EMAIL and not text.subject:
        found.append((f"{field}.subject", "an email needs a subject"))
    if text.html.rfind("<!--") > text.html.rfind("-->"):
        found.append((f"{field}.html", "end the comment: what comes after it would not be seen"))
    if text.html and text.channel != channels.EMAIL:
        found.append((f"{field}.html", "only emails have HTML"))
    if text.long and text.channel != channels.SMS:
        found.append((f"{field}.long", "only an sms can be long"))
    if text.channel == channels.SMS and text.subject and not text.long:
        found.append((f"{field}.subject", "only a long sms has a subject"))
    if "\n" in text.subject:
        found.append((f"{field}.subject", "a subject is one line"))
    return found
