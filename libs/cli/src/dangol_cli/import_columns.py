"""What the columns of an imported file mean: a row becomes a request, or says why it cannot.

Columns are flat, and the same in all formats. A customer is named by one column a namespace
(member, device, email, phone, pos_card, partner.NAME). Fields and properties are fields.NAME and
properties.NAME; in CSV, where all is text, NAME:number and NAME:flag say what else it is. Lists are
lists, or texts with a semicolon between.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from dangol.events.v1 import event_pb2 as events
from dangol.profile.v1 import customer_service_pb2 as customers
from dangol.profile.v1 import import_service_pb2 as imports
from dangol_service_kit.validation import collect_violations

_NAMESPACE: Final = re.compile(
    r"member|device|email|phone|pos_card|customer|partner\.[a-z0-9_]{1,32}"
)
_TEXTS: Final = (
    *("display_name", "age_band", "tier", "region", "language", "postal_address", "note"),
)
_CUSTOMER: Final = {*_TEXTS, "birth_date", "lunar_birth_date", "gender", "tags"}
_EVENT_TEXTS: Final = ("event_id", "type", "store_id", "session_id", "cart_id", "order_id")
_EVENT: Final = {
    *_EVENT_TEXTS,
    *("occurred_at", "channel", "items", "amount_minor_units", "currency_code", "rating"),
}
_NAME: Final = r"\.([^:]+)(?::(text|number|flag))?"
_MAPS: Final = {
    "customers": re.compile(rf"(fields|personal_fields|preferences){_NAME}"),
    "events": re.compile(rf"(properties){_NAME}"),
}
_PLAIN: Final = {"customers": _CUSTOMER, "events": _EVENT}
_LUNAR: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})(\+?)")
_ITEM: Final = {
    "product_id": str,
    "category": str,
    "quantity": int,
    "unit_price_minor_units": int,
    "amount_minor_units": int,
}
_AMOUNTS: Final = {
    "amount.currency_code": "currency_code",
    "amount.minor_units": "amount_minor_units",
}
_FLAGS: Final = {"true": True, "false": False, "1": True, "0": False}
_INT64_MAX: Final = 2**63 - 1


class RowError(Exception):
    """One row cannot be taken: the column at fault, and what to do."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field
        self.reason = reason


def unknown_column(kind: str, columns: list[str] | Mapping[str, Any]) -> str | None:
    """The first column that means nothing for customers or events."""
    for name in columns:
        known = name in _PLAIN[kind] or _NAMESPACE.fullmatch(name) or _MAPS[kind].fullmatch(name)
        if not known:
            return name
    return None


def to_customer(values: Mapping[str, Any], line: int) -> imports.ImportedCustomer:
    """The customer of one row. Raises RowError."""
    given = _given("customers", values)
    request = imports.ImportedCustomer(line=line)
    names = _identifiers(given)
    for namespace, value in names:
        request.identifiers.add(namespace=namespace, value=value)
    customer = request.attributes
    for name in _TEXTS:
        if name in given:
            setattr(customer, name, _text(name, given[name]))
    if "birth_date" in given:
        value = given["birth_date"]
        customer.birth_date = (
            value.isoformat()[:10] if isinstance(value, date) else _text("birth_date", value)
        )
    if "lunar_birth_date" in given:
        _put_lunar(customer, _text("lunar_birth_date", given["lunar_birth_date"]))
    if "gender" in given:
        customer.gender = _named("gender", given["gender"], customers.Gender, "GENDER_")
    if "tags" in given:
        customer.tags.extend(_list("tags", given["tags"]))
    for column, value in given.items():
        if match := _MAPS["customers"].fullmatch(column):
            target, name, kind = match.groups()
            if target == "preferences":
                customer.preferences[name].values.extend(_list(column, value))
            else:
                getattr(customer, target)[name].CopyFrom(_property(column, value, kind))
    _check(request, lambda path: _customer_column(path, names))
    return request


def to_event(values: Mapping[str, Any]) -> events.Event:
    """The event of one row. Raises RowError."""
    given = _given("events", values)
    names = _identifiers(given)
    if len(names) != 1:
        raise RowError(
            names[1][0] if names else "member", "name the customer in exactly one column"
        )
    event = events.Event()
    event.customer.namespace, event.customer.value = names[0]
    for name in _EVENT_TEXTS:
        if name in given:
            setattr(event, name, _text(name, given[name]))
    if "occurred_at" in given:
        _put_time(event, given["occurred_at"])
    if "channel" in given:
        event.channel = _named("channel", given["channel"], events.Channel, "CHANNEL_")
    if "rating" in given:
        event.rating = _whole("rating", given["rating"], 5)
    if "amount_minor_units" in given:
        event.amount.minor_units = _whole("amount_minor_units", given["amount_minor_units"])
        event.amount.currency_code = _text("currency_code", given.get("currency_code", ""))
    for item in _items(given.get("items", [])):
        event.items.append(item)
    for column, value in given.items():
        if match := _MAPS["events"].fullmatch(column):
            event.properties[match[2]].CopyFrom(_property(column, value, match[3]))
    _check(event, lambda path: _event_column(path, names[0][0]))
    return event


def _given(kind: str, values: Mapping[str, Any]) -> dict[str, Any]:
    if (unknown := unknown_column(kind, values)) is not None:
        raise RowError(unknown[:64], "there is no such column: docs/import.md lists them")
    return {name: value for name, value in values.items() if value is not None and value != ""}


def _identifiers(given: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(one, _text(one, given[one])) for one in given if _NAMESPACE.fullmatch(one)]


def _text(column: str, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise RowError(column, "write text")
    try:
        str(value).encode()
    except UnicodeEncodeError:
        raise RowError(column, "write text that UTF-8 can hold") from None
    return str(value)


def _whole(column: str, value: Any, maximum: int = _INT64_MAX) -> int:
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,19}", value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > maximum:
        raise RowError(column, f"write a whole number of at most {maximum}")
    return value


def _named(column: str, value: Any, enum: Any, prefix: str) -> Any:
    names = {one.removeprefix(prefix).lower(): number for one, number in enum.items() if number}
    if value not in names:
        raise RowError(column, f"write {', '.join(names)}")
    return names[value]


def _list(column: str, value: Any) -> list[str]:
    parts = value.split(";") if isinstance(value, str) else value
    if not isinstance(parts, list):
        raise RowError(column, "write a list, or texts with a semicolon between")
    return [
        _text(column, one.strip() if isinstance(one, str) else one) for one in parts if one != ""
    ]


def _property(column: str, value: Any, kind: str | None) -> events.PropertyValue:
    if isinstance(value, bool):
        return events.PropertyValue(flag=value)
    if kind == "flag":
        if str(value).lower() not in _FLAGS:
            raise RowError(column, "write true or false")
        return events.PropertyValue(flag=_FLAGS[str(value).lower()])
    if kind == "number" or isinstance(value, int | float | Decimal):
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            raise RowError(column, "write a decimal number") from None
        if not number.is_finite() or abs(number.adjusted()) > 30:
            raise RowError(column, "write a decimal number of at most 18 digits before the point")
        return events.PropertyValue(number=f"{number:f}")
    return events.PropertyValue(text=_text(column, value))


def _put_lunar(customer: customers.Customer, text: str) -> None:
    match = _LUNAR.fullmatch(text)
    if match is None:
        raise RowError("lunar_birth_date", "write YYYY-MM-DD, with + behind it in a leap month")
    year, month, day = (int(match[part]) for part in (1, 2, 3))
    made = customers.LunarDate(year=year, month=month, day=day, leap_month=bool(match[4]))
    customer.lunar_birth_date.CopyFrom(made)


def _put_time(event: events.Event, value: Any) -> None:
    try:
        at = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        aware = at if at.tzinfo else at.replace(tzinfo=UTC)
        event.occurred_at.FromDatetime(aware.astimezone(UTC))
    except (TypeError, ValueError, OverflowError):
        raise RowError("occurred_at", "write a time such as 2017-01-01T09:30:00Z") from None


def _items(value: Any) -> list[events.Item]:
    wrong = RowError("items", f"write a JSON list of objects with {', '.join(_ITEM)}")
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            raise wrong from None
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise wrong
    made = []
    for number, one in enumerate(value):
        item = events.Item()
        for name, content in one.items():
            if name not in _ITEM:
                raise wrong
            column = f"items[{number}].{name}"
            read = _text(column, content) if _ITEM[name] is str else _whole(column, content)
            if content is not None:
                setattr(item, name, read)
        made.append(item)
    return made


def _check(message: Any, column_of: Callable[[str], str]) -> None:
    for path, reason in collect_violations(message):
        raise RowError(column_of(path), reason)


def _customer_column(path: str, names: list[tuple[str, str]]) -> str:
    """The column in which a field of ImportedCustomer stood."""
    if match := re.match(r"identifiers\[(\d+)\]", path):
        return names[int(match[1])][0]
    if path == "identifiers":
        return "member"
    return path.removeprefix("attributes.")


def _event_column(path: str, namespace: str) -> str:
    """The column in which a field of Event stood."""
    if path.startswith("customer."):
        return namespace
    return _AMOUNTS.get(path, path)
