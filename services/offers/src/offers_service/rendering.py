"""A template filled in for one customer, with what the law asks of advertising. Pure.

Act on Promotion of Information and Communications Network Utilization and Information Protection,
article 50, paragraphs 4 and 6, and annex 6 of its enforcement decree: advertising begins with
"(광고)" (in an email its subject does), names the sender and how to reach it, and ends with how to
opt out at no cost, in an email in Korean and in English, with the sender's address. Nothing here
renders advertising without all of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from dangol_service_kit.currencies import exponent_of
from markupsafe import escape

from offers_service import channels, placeholders, templates
from offers_service.message_settings import Sender
from offers_service.messages import Reason
from offers_service.templates import Template, Text, ValueType, Violation

KOREA = "Asia/Seoul"
LABEL, LABEL_ABROAD = "(광고)", "(Ad)"
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_ANYBODY = {"ko": "고객", "ja": "お客様"}
_ANYBODY_ELSE = "Customer"


@dataclass(frozen=True, slots=True)
class Shop:
    """What the tenant is. zone is an IANA name."""

    language: str
    currency: str
    zone: str
    sender: Sender


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom it is rendered; language and name may be empty."""

    language: str
    zone: ZoneInfo
    name: str = ""


@dataclass(frozen=True, slots=True)
class Rendered:
    """What goes to the customer. It may hold the customer's name: it is never stored."""

    language: str
    subject: str
    text: str
    html: str
    size: channels.Size
    template_version: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why it cannot be rendered, and what to do about it."""

    reason: Reason
    problems: tuple[Violation, ...] = ()


def violations(template: Template, shop: Shop) -> list[Violation]:
    """(field, what to do) for everything that is wrong with a template as it was sent; also for
    what no value could make fit."""
    found = templates.violations(template)
    if found:
        return found
    korean = shop.zone == KOREA
    for index, text in enumerate(template.texts):
        field = f"template.texts[{index}]"
        empty = _fill(text, dict.fromkeys(text.names, ""))
        parts = (empty.channel, empty.subject, empty.text, empty.html)
        size = channels.measure(*parts, long=text.long, korean=korean)
        if not size.fits:
            what = f"{size.length} of at most {size.length_max} even with empty values: shorten it"
            found.append((f"{field}.text", what))
        if text.channel == channels.SMS and korean:
            found += _unencodable(
                [(f"{field}.subject", text.subject), (f"{field}.text", text.text)]
            )
    return found


def _unencodable(texts: Iterable[tuple[str, str]]) -> list[Violation]:
    found = [(field, channels.unencodable(text)) for field, text in texts]
    return [(field, f"an sms cannot carry U+{ord(bad):04X}") for field, bad in found if bad]


def check(
    template: Template, channel: str, values: Mapping[str, str], shop: Shop, *, advertising: bool
) -> Refusal | None:
    """Whether the message fits in every language, as far as it can be known without its reader."""
    for text in template.on(channel) or [Text(channel, shop.language, "")]:
        reader = Reader(text.language, ZoneInfo(shop.zone))
        found = render(template, channel, values, shop, reader, advertising=advertising)
        if isinstance(found, Refusal):
            return found
    return None


def render(
    template: Template,
    channel: str,
    values: Mapping[str, str],
    shop: Shop,
    reader: Reader,
    *,
    advertising: bool,
) -> Rendered | Refusal:
    """What the customer is to read. Where the name makes it too long, it goes without."""
    problems = templates.mismatches(template, channel, values)
    if problems:
        return Refusal(Reason.TEMPLATE_MISMATCH, tuple(problems))
    text = template.text(channel, (reader.language, shop.language))
    if text is None:
        raise AssertionError("a channel without a text is a mismatch")
    missing = shop.sender.missing(channel) if advertising else []
    if missing:
        return Refusal(Reason.SENDER_NOT_SET, tuple(missing))
    korean = KOREA in (shop.zone, reader.zone.key)
    if channel == channels.SMS and korean:
        problems = _unencodable([(f"values.{name}", value) for name, value in values.items()])
        if problems:
            return Refusal(Reason.TEMPLATE_MISMATCH, tuple(problems))
    for name in (_name(channel, reader), ""):
        shown = _shown(template, values, text.language, shop, reader.zone)
        shown[templates.CUSTOMER_NAME] = name or _ANYBODY.get(text.language, _ANYBODY_ELSE)
        filled = _fill(text, shown)
        if advertising:
            filled = _advertise(filled, shop.sender, korean=korean)
        size = channels.measure(
            channel, filled.subject, filled.text, filled.html, long=text.long, korean=korean
        )
        if size.fits and len(filled.subject) <= channels.SUBJECT_MAX:
            return Rendered(
                text.language, filled.subject, filled.text, filled.html, size, template.version
            )
    what = f"{size.length} of at most {size.length_max}: shorten the template or its values"
    return Refusal(Reason.TOO_LONG, (("message.template_id", what),))


def _name(channel: str, reader: Reader) -> str:
    """One line; one that a carrier cannot send is left out."""
    name = " ".join(reader.name.split())
    return "" if channel == channels.SMS and channels.unencodable(name) else name


def _fill(text: Text, shown: Mapping[str, str]) -> Text:
    """The text with its values; a value cannot begin another line of a subject."""
    return Text(
        text.channel,
        text.language,
        placeholders.fill(text.text, shown),
        " ".join(placeholders.fill(text.subject, shown).split()),
        placeholders.fill(text.html, shown, html=True),
        text.long,
    )


def _shown(
    template: Template, values: Mapping[str, str], language: str, shop: Shop, zone: ZoneInfo
) -> dict[str, str]:
    """Every value but the name as its reader writes it."""
    shown = {
        templates.SHOP_NAME: shop.sender.name,
        templates.COUPON: values.get(templates.COUPON, ""),
    }
    for value in template.values:
        plain = values.get(value.name, value.default)
        if plain is not None:
            shown[value.name] = write(value.type, plain, language, shop.currency, zone)
    return shown


def write(kind: ValueType, plain: str, language: str, currency: str, zone: ZoneInfo) -> str:
    """A value as it is written in a language; other languages than Korean as in English."""
    korean = language == "ko"
    if kind is ValueType.NUMBER:
        return f"{Decimal(plain):,f}"
    if kind is ValueType.MONEY:
        amount = f"{Decimal(plain).scaleb(-exponent_of(currency)):,f}"
        return f"{amount}원" if korean and currency == "KRW" else f"{currency} {amount}"
    if kind is ValueType.DATE:
        day = date.fromisoformat(plain)
        return f"{day.year}년 {_day(day, korean)}" if korean else f"{_day(day, korean)} {day.year}"
    if kind is ValueType.TIME:
        at = datetime.fromisoformat(plain).astimezone(zone)
        return f"{_day(at, korean)} {at:%H:%M}"
    return plain


def _day(day: date, korean: bool) -> str:
    return f"{day.month}월 {day.day}일" if korean else f"{day.day} {_MONTHS[day.month - 1]}"


def _advertise(text: Text, sender: Sender, *, korean: bool) -> Text:
    label = LABEL if korean else LABEL_ABROAD
    opt_out = sender.opt_outs[text.channel]
    if text.channel == channels.EMAIL:
        return _advertise_email(text, sender, label, opt_out, korean=korean)
    contact, leave = (
        ("문의", "무료수신거부") if text.language == "ko" else ("Contact", "Free opt-out")
    )
    if korean and text.language != "ko":
        leave = f"무료수신거부/{leave}"
    # Every byte of an SMS counts.
    gap = "" if text.channel == channels.SMS else " "
    in_title = text.channel == channels.PUSH and bool(text.subject)
    first = sender.name if in_title else f"{label}{gap}{sender.name}"
    return Text(
        text.channel,
        text.language,
        f"{first}\n{text.text}\n{contact} {sender.phone}\n{leave} {opt_out}",
        f"{label} {text.subject}" if text.subject else "",
        "",
        text.long,
    )


def _advertise_email(text: Text, sender: Sender, label: str, opt_out: str, *, korean: bool) -> Text:
    lines = [
        f"{sender.name} | {sender.address} | {sender.phone} | {sender.email}",
        *(["수신을 원하지 않으시면 무료로 수신거부하실 수 있습니다: {}"] if korean else []),
        "To stop receiving these emails, free of charge: {}",
    ]
    plain = "\n".join(line.replace("{}", opt_out) for line in lines)
    html = text.html
    if html:
        link = f'<a href="{escape(opt_out)}">{escape(opt_out)}</a>'
        footer = "<br>".join(str(escape(line)).replace("{}", link) for line in lines)
        body, end, rest = html.rpartition("</body>")
        before, after = (body, end + rest) if end else (html, "")
        html = f'{before}<div style="display:block">{footer}</div>{after}'
    return Text(
        text.channel,
        text.language,
        f"{text.text}\n\n{plain}",
        f"{label} {text.subject}",
        html,
    )
