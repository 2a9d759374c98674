"""Customers in protobuf: what clients see, and what they send."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from dangol.profile.v1 import customer_service_pb2 as pb
from google.protobuf.timestamp_pb2 import Timestamp

from profile_service import birthdays, encoding
from profile_service.consents import granted
from profile_service.domain import Attributes, Customer
from profile_service.rpc_readings import Discloser
from profile_service.service_customers import CustomerService, View
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

    async def present(self, customer: Customer) -> pb.Customer:
        """A customer as clients see it."""
        (view,) = await self._service.view([customer])
        return await self.present_view(view)

    async def present_view(self, view: View) -> pb.Customer:
        """The same for one whose figures are known."""
        return (await self.present_views(view.customer.tenant_id, [view]))[0]

    async def present_views(self, tenant_id: str, views: Sequence[View]) -> list[pb.Customer]:
        """Those of one tenant, whose figures are known."""
        if not views:
            return []
        tenant = await self._directory.get(tenant_id)
        return [to_message(one, tenant.currency_code) for one in views]


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
        {name: encoding.from_property(value) for name, value in message.fields.items()},
        message.postal_address,
        message.note,
        {name: encoding.from_property(one) for name, one in message.personal_fields.items()},
        _lunar_text(message),
        {name: tuple(one.values) for name, one in sorted(message.preferences.items())},
    )


def _lunar_text(message: pb.Customer) -> str:
    if not message.HasField("lunar_birth_date"):
        return ""
    given = message.lunar_birth_date
    return birthdays.to_text(given.year, given.month, given.day, given.leap_month)


def to_message(view: View, currency_code: str) -> pb.Customer:
    """A customer as clients see it."""
    customer, attributes, facts = view.customer, view.customer.attributes, view.facts
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
        identifier_namespaces=view.namespaces,
        order_count=facts.order_count,
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
    message.create_time.FromMilliseconds(customer.created_ms)
    _set_time(message.first_seen, facts.first_seen_ms)
    _set_time(message.last_seen, facts.last_seen_ms)
    _set_time(message.last_purchase, facts.last_purchase_ms)
    message.revenue.currency_code = currency_code
    message.revenue.minor_units = facts.revenue_minor_units
    return message


def _set_time(stamp: Timestamp, at_ms: int | None) -> None:
    """Reading a field of a message does not set it; only a time does."""
    if at_ms is not None:
        stamp.FromMilliseconds(at_ms)
