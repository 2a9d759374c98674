"""Exports over gRPC: everything that profile keeps of one customer, piece by piece."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from dangol.events.v1.export_pb2 import ExportRecord
from dangol.profile.v1 import privacy_service_pb2 as pb
from dangol.profile.v1.privacy_service_pb2_grpc import PrivacyServiceServicer
from dangol_service_kit.auth import Role, require
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message

from profile_service import survey_encoding
from profile_service.contacts import Reveal
from profile_service.disclosure import EVERYTHING, Reading
from profile_service.profits import Standing, Totals
from profile_service.rpc import Context, customer_not_found, may_see, outages
from profile_service.rpc_consents import line_to_message
from profile_service.rpc_presenter import Presenter
from profile_service.service_consents import ConsentService
from profile_service.service_customers import CustomerService, View
from profile_service.store_contacts import ContactStore
from profile_service.store_identifiers import IdentifierStore
from profile_service.store_profits import ProfitStore
from profile_service.store_readings import ReadingStore
from profile_service.store_survey_responses import SurveyResponseStore
from profile_service.survey_answers import Response
from profile_service.timelines import TimelineQuery

_PAGE: Final = 500


@dataclass(frozen=True, slots=True)
class Exported:
    """Where what is exported comes from."""

    customers: CustomerService
    identifiers: IdentifierStore
    consents: ConsentService
    contacts: ContactStore
    presenter: Presenter
    survey_responses: SurveyResponseStore
    profits: ProfitStore
    readings: ReadingStore


class ExportRpc(PrivacyServiceServicer):
    """Admins and services export; customers themselves."""

    def __init__(self, exported: Exported) -> None:
        self._exported = exported

    async def ExportCustomer(  # noqa: N802
        self, request: pb.ExportCustomerRequest, _context: Context
    ) -> AsyncIterator[pb.ExportCustomerResponse]:
        """Errors: CUSTOMER_NOT_FOUND. Who was merged away is exported with who took over."""
        caller = require(Role.ADMIN, Role.SERVICE, Role.CUSTOMER)
        with outages():
            view = await self._exported.customers.get(caller.tenant_id, request.customer_id)
            if view is None or not may_see(caller, view.customer.customer_id):
                raise customer_not_found()
            ids = [view.customer.customer_id]
            discloser = self._exported.presenter.discloser
            await discloser.write_down(caller, "ExportCustomer", ids, [EVERYTHING])
            async for section, content in self._pieces(view):
                text = json.dumps(content, ensure_ascii=False)
                yield pb.ExportCustomerResponse(record=ExportRecord(section=section, json=text))

    async def _pieces(self, view: View) -> AsyncIterator[tuple[str, dict[str, Any]]]:
        customer = view.customer
        tenant_id, customer_id = customer.tenant_id, customer.customer_id
        yield "customer", _to_dict(await self._exported.presenter.present_view(view))
        for absorbed in customer.absorbed:
            yield "merged_customer", {"customerId": absorbed}
        for namespace, value in await self._exported.identifiers.values(tenant_id, customer_id):
            yield "identifier", {"namespace": namespace, "value": value}
        after: tuple[int, bytes, int] | None = None
        while page := await self._exported.consents.page(tenant_id, customer_id, after, _PAGE):
            for line in page.lines:
                yield "consent", _of_herself(_to_dict(line_to_message(line)))
                after = (line.record.recorded_ms, line.record.key, line.number)
            if not page.more:
                break
        for one in (customer_id, *customer.absorbed):
            async for disclosure in self._disclosures(tenant_id, one):
                yield "disclosure", disclosure
        async for section, content in self._about(tenant_id, customer_id):
            yield section, content
        identities = await self._exported.customers.identities(tenant_id, customer_id)
        for response, _ in await self._exported.survey_responses.find(identities):
            yield "survey_response", _responded(response)
        query = TimelineQuery()
        while timeline := await self._exported.customers.timeline(
            tenant_id, customer_id, query, _PAGE
        ):
            for event in timeline.events:
                yield "event", _to_dict(event)
            if timeline.position is None:
                break
            query = TimelineQuery(after=timeline.position)

    async def _disclosures(self, tenant_id: str, customer_id: str) -> AsyncIterator[dict[str, Any]]:
        """To whom addresses of hers were told, and for what."""
        before = ""
        while True:
            page, before = await self._exported.contacts.page(tenant_id, customer_id, before, _PAGE)
            for reveal in page:
                yield _disclosed(reveal)
            if not before:
                return

    async def _about(
        self, tenant_id: str, customer_id: str
    ) -> AsyncIterator[tuple[str, dict[str, Any]]]:
        """When she was read in plain, by which role; and her place among everybody who bought, by
        the newest refresh."""
        before = ""
        while True:
            page, before = await self._exported.readings.page(tenant_id, customer_id, before, _PAGE)
            for one in page:
                yield "reading", _read(one)
            if not before:
                break
        totals = await self._exported.profits.totals(tenant_id, None)
        if totals is not None:
            ids = [customer_id]
            for place in await self._exported.profits.of_customers(tenant_id, totals.refresh, ids):
                yield "standing", _standing(place, totals)


def _read(reading: Reading) -> dict[str, Any]:
    """Without the name of who read, which is another person's."""
    return {
        "time": _time(reading.at_ms),
        "role": reading.caller.partition(":")[0],
        "method": reading.method,
        "fields": list(reading.fields),
    }


def _standing(standing: Standing, totals: Totals) -> dict[str, Any]:
    """Amounts are in minor units of the tenant's currency."""
    return {
        "time": _time(totals.at_ms),
        "place": standing.place,
        "customerCount": totals.customer_count,
        "orderCount": standing.order_count,
        "revenue": standing.revenue,
        "netRevenue": standing.net_revenue,
        "cost": standing.cost,
        "profit": standing.profit,
    }


def _responded(response: Response) -> dict[str, Any]:
    """Her answers to one version of a survey."""
    times = {
        "served": response.served_ms,
        "started": response.started_ms,
        "completed": response.completed_ms,
    }
    answers = response.answers.items()
    return {
        "surveyId": response.survey_id,
        "version": response.version,
        "answers": {question: survey_encoding.plain(one) for question, one in answers},
        **{f"{name}Time": _time(at_ms) for name, at_ms in times.items() if at_ms},
    }


def _time(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat()


def _disclosed(reveal: Reveal) -> dict[str, Any]:
    return {
        "time": _time(reveal.at_ms),
        "recipient": reveal.recipient,
        "channel": reveal.channel,
        "purpose": reveal.purpose,
        "messageId": reveal.message_id,
        "addressCount": reveal.address_count,
    }


def _to_dict(message: Message) -> dict[str, Any]:
    return MessageToDict(message)


def _of_herself(content: dict[str, Any]) -> dict[str, Any]:
    """Without the name of who wrote it down, which is another person's."""
    return {**content, "actor": content.get("actor", "").partition(":")[0]}
