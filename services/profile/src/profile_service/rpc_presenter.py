"""Customers in protobuf: what clients see, and what they send."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

from dangol.events.v1.event_pb2 import PropertyValue
from dangol.profile.v1 import customer_service_pb2 as pb
from dangol_service_kit.auth import Caller
from google.protobuf.timestamp_pb2 import Timestamp

from profile_service import birthdays, encoding
from profile_service.consents import granted
from profile_service.domain import Attributes, Customer, FieldValue
from profile_service.rpc import may_see
from profile_service.rpc_read_masks import (
    EVERY_FIELD,
    FIGURES,
    leave_out,
    wants_figures,
    wants_sealed,
)
from profile_service.rpc_readings import Discloser
from profile_service.service_customers import CustomerService, Figures, View
from profile_service.service_tenants import StoreDirectory

_GENDERS: Final = {
    pb.GENDER_UNSPECIFIED: "",
    pb.GENDER_FEMALE: "female",
    pb.GENDER_MALE: "male",
    pb.GENDER_OTHER: "other",
}
_GENDER_NUMBERS: Final = {name: number for number, name in _GENDERS.items()}


class Presenter:
    """Customers with their figures in their tenant's currency; discloser shows them to callers."""

    def __init__(
        self, service: CustomerService, directory: StoreDirectory, discloser: Discloser
    ) -> None:
        self.discloser = discloser
        self._service = service
        self._directory = directory

    async def look_up(
        self,
        caller: Caller,
        method: str,
        customer_ids: Sequence[str],
        mask: frozenset[str] = EVERY_FIELD,
    ) -> list[pb.Customer]:
        """What a caller is shown of customers by id, in that order.

        Those that do not exist, or that the caller may not see, are left out. Raises
        StoreUnavailableError.
        """
        customers, figures = await asyncio.gather(
            self._told(caller, method, customer_ids, mask),
            self._figures(caller.tenant_id, customer_ids, mask),
        )
        return await self._complete(caller.tenant_id, customers, figures, mask)

    async def show(
        self,
        caller: Caller,
        method: str,
        customers: Sequence[Customer],
        mask: frozenset[str] = EVERY_FIELD,
    ) -> list[pb.Customer]:
        """The same of customers of the caller's tenant that were read."""
        ids = [one.customer_id for one in customers]
        messages, figures = await asyncio.gather(
            self._tell(caller, method, customers, mask),
            self._figures(caller.tenant_id, ids, mask),
        )
        return await self._complete(caller.tenant_id, messages, figures, mask)

    async def _told(
        self, caller: Caller, method: str, customer_ids: Sequence[str], mask: frozenset[str]
    ) -> list[pb.Customer]:
        found = await self._service.read(caller.tenant_id, customer_ids, sealed=wants_sealed(mask))
        seen = [one for one in found if may_see(caller, one.customer_id)]
        return await self._tell(caller, method, seen, mask)

    async def _tell(
        self, caller: Caller, method: str, customers: Sequence[Customer], mask: frozenset[str]
    ) -> list[pb.Customer]:
        """What the caller is shown of the customers' own documents, once it is written down."""
        messages = [to_message(one) for one in customers]
        leave_out(messages, EVERY_FIELD - mask - FIGURES)
        await self.discloser.disclose(caller, method, messages)
        return messages

    async def _figures(
        self, tenant_id: str, customer_ids: Sequence[str], mask: frozenset[str]
    ) -> dict[str, Figures]:
        return await self._service.figures(tenant_id, customer_ids) if wants_figures(mask) else {}

    async def _complete(
        self,
        tenant_id: str,
        messages: list[pb.Customer],
        figures: Mapping[str, Figures],
        mask: frozenset[str],
    ) -> list[pb.Customer]:
        """With the figures, also of those who took over somebody that was asked for."""
        if not messages or not wants_figures(mask):
            return messages
        tenant = await self._directory.get(tenant_id)
        others = {one.customer_id for one in messages if one.customer_id not in figures}
        known = {**figures, **await self._service.figures(tenant_id, others)}
        for message in messages:
            _add_figures(message, known[message.customer_id], tenant.currency_code)
        leave_out(messages, FIGURES - mask)
        return messages

    async def present_view(self, view: View) -> pb.Customer:
        """All of one customer, for nobody's eyes yet."""
        tenant = await self._directory.get(view.customer.tenant_id)
        message = to_message(view.customer)
        _add_figures(message, view.figures, tenant.currency_code)
        return message


def from_message(message: pb.Customer) -> Attributes:
    """The attributes that a client sent."""
    return Attributes(
        message.display_name,
        _GENDERS[message.gender],
        message.birth_date,
        message.age_band,
        message.tier,
        message.region,
        message.language,
        tuple(message.tags),
        _from_fields(message.fields),
        message.postal_address,
        message.note,
        _from_fields(message.personal_fields),
        _lunar_text(message),
        {name: tuple(message.preferences[name].values) for name in sorted(message.preferences)},
    )


def _from_fields(fields: Mapping[str, PropertyValue]) -> dict[str, FieldValue]:
    return {name: encoding.from_property(fields[name]) for name in fields}


def _lunar_text(message: pb.Customer) -> str:
    if not message.HasField("lunar_birth_date"):
        return ""
    given = message.lunar_birth_date
    return birthdays.to_text(given.year, given.month, given.day, given.leap_month)


def to_message(customer: Customer) -> pb.Customer:
    """What stands in a customer's own document."""
    attributes = customer.attributes
    message = pb.Customer(
        customer_id=customer.customer_id,
        version=customer.version,
        display_name=attributes.display_name,
        gender=_GENDER_NUMBERS[attributes.gender],
        birth_date=attributes.birth_date,
        age_band=attributes.age_band,
        tier=attributes.tier,
        region=attributes.region,
        language=attributes.language,
        tags=attributes.tags,
        member=customer.member,
        consents=granted(customer.consents),
        postal_address=attributes.postal_address,
        note=attributes.note,
    )
    if attributes.lunar_birth_date:
        year, day = birthdays.from_text(attributes.lunar_birth_date)
        message.lunar_birth_date.MergeFrom(
            pb.LunarDate(year=year, month=day.month, day=day.day, leap_month=day.leap)
        )
    for name, preferred in attributes.preferences.items():
        message.preferences[name].values.extend(preferred)
    for name, value in attributes.personal_fields.items():
        message.personal_fields[name].CopyFrom(encoding.to_property(value))
    for name, value in attributes.fields.items():
        message.fields[name].CopyFrom(encoding.to_property(value))
    _set_time(message.create_time, customer.created_ms)
    return message


def _add_figures(message: pb.Customer, figures: Figures, currency_code: str) -> None:
    facts = figures.facts
    message.identifier_namespaces.extend(figures.namespaces)
    message.order_count = facts.order_count
    _set_time(message.first_seen, facts.first_seen_ms)
    _set_time(message.last_seen, facts.last_seen_ms)
    _set_time(message.last_purchase, facts.last_purchase_ms)
    message.revenue.currency_code = currency_code
    message.revenue.minor_units = facts.revenue_minor_units


def _set_time(stamp: Timestamp, at_ms: int | None) -> None:
    """Reading a field of a message does not set it; only a time does."""
    if at_ms is not None:
        stamp.seconds, milliseconds = divmod(at_ms, 1000)
        stamp.nanos = milliseconds * 1_000_000
