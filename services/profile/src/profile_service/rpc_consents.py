"""Consent over gRPC: a part of CustomerService."""

from __future__ import annotations

from typing import Final

from dangol.profile.v1 import customer_service_pb2 as pb
from dangol.profile.v1.customer_service_pb2_grpc import CustomerServiceServicer
from dangol_service_kit.auth import Role, require

from profile_service.consents import ConsentEntry, granted
from profile_service.domain import AnsweredRequest
from profile_service.rpc import (
    Context,
    customer_not_found,
    idempotency,
    may_see,
    outages,
    reader,
    to_ms,
)
from profile_service.rpc_pages import from_position, to_position
from profile_service.rpc_presenter import Presenter
from profile_service.sealing import Vault
from profile_service.service_consents import ConsentService, Line

_PAGE_DEFAULT: Final = 100


class ConsentRpc(CustomerServiceServicer):
    """Customers decide for themselves; staff, partners and admins write down what was said."""

    def __init__(self, consents: ConsentService, presenter: Presenter, vault: Vault) -> None:
        self._consents = consents
        self._presenter = presenter
        self._vault = vault

    async def SetConsent(  # noqa: N802
        self, request: pb.SetConsentRequest, _context: Context
    ) -> pb.SetConsentResponse:
        """Errors: CUSTOMER_NOT_FOUND, REQUEST_CONFLICT, TIME_AHEAD, FIELD_INVALID."""
        caller = require(Role.CUSTOMER, Role.STAFF, Role.PARTNER, Role.ADMIN)
        if not may_see(caller, request.customer_id):
            raise customer_not_found()
        entries = [_from_message(one, number) for number, one in enumerate(request.entries)]
        answered = AnsweredRequest(*idempotency(self._vault, caller, "consent", request))
        actor = f"{caller.role.value}:{caller.subject}"
        with outages():
            result = await self._consents.set(
                caller.tenant_id, request.customer_id, entries, answered, actor
            )
            (shown,) = await self._presenter.show(caller, "SetConsent", [result.customer])
            return pb.SetConsentResponse(
                customer=shown,
                changes=result.changes,
                changes_pending=result.pending,
            )

    async def ListConsents(  # noqa: N802
        self, request: pb.ListConsentsRequest, _context: Context
    ) -> pb.ListConsentsResponse:
        """Errors: CUSTOMER_NOT_FOUND, PAGE_TOKEN_INVALID."""
        caller = reader()
        if not may_see(caller, request.customer_id):
            raise customer_not_found()
        after = _from_token(request.page_token)
        size = request.page_size or _PAGE_DEFAULT
        with outages():
            page = await self._consents.page(caller.tenant_id, request.customer_id, after, size)
        if page is None:
            raise customer_not_found()
        return pb.ListConsentsResponse(
            entries=[line_to_message(line) for line in page.lines],
            next_page_token=_to_token(page.lines[-1]) if page.more else "",
            granted=granted(page.customer.consents),
        )


def _from_message(message: pb.ConsentEntry, number: int) -> ConsentEntry:
    decided_ms = None
    if message.HasField("decide_time"):
        decided_ms = to_ms(message.decide_time, f"entries[{number}].decide_time")
    return ConsentEntry(
        message.purpose,
        message.channel,
        message.granted,
        decided_ms,
        message.source,
        message.notice,
        message.confirmation,
    )


def line_to_message(line: Line) -> pb.ConsentEntry:
    """A line of the log as clients see it."""
    entry, record = line.entry, line.record
    message = pb.ConsentEntry(
        purpose=entry.purpose,
        channel=entry.channel,
        granted=entry.granted,
        source=entry.source,
        notice=entry.notice,
        confirmation=entry.confirmation,
        actor=record.actor,
    )
    message.decide_time.FromMilliseconds(record.at_ms(entry))
    message.record_time.FromMilliseconds(record.recorded_ms)
    return message


def _to_token(line: Line) -> str:
    key = line.record.key + bytes([line.number])
    return to_position("consents", line.record.recorded_ms, key)


def _from_token(token: str) -> tuple[int, bytes, int] | None:
    position = from_position("consents", token)
    if position is None:
        return None
    at_ms, key = position
    return at_ms, key[:-1], key[-1] if key else 0
