"""ContactService over gRPC."""

from __future__ import annotations

import re
from typing import Final

from dangol.profile.v1 import contact_service_pb2 as pb
from dangol.profile.v1.contact_service_pb2_grpc import ContactServiceServicer
from dangol_service_kit.auth import ALL_TENANTS, Caller, Role, require
from dangol_service_kit.errors import Code, RpcFailure

from profile_service.contacts import Wanted
from profile_service.rpc import Context, customer_not_found, outages
from profile_service.rpc_pages import from_token, to_token
from profile_service.service_contacts import Asker, ContactService

SERVICE_NAME = "dangol.profile.v1.ContactService"
_PAGE_DEFAULT: Final = 100
_ENTRY_ID: Final = re.compile("[0-9a-f]{24}")


class ContactRpc(ContactServiceServicer):
    """Services alone are told addresses; admins see who was."""

    def __init__(self, service: ContactService) -> None:
        self._service = service

    async def RevealContacts(  # noqa: N802
        self, request: pb.RevealContactsRequest, _context: Context
    ) -> pb.RevealContactsResponse:
        """Each by itself."""
        caller = _of_one_tenant(Role.SERVICE)
        asker = Asker(f"{caller.role.value}:{caller.subject}", request.recipient)
        wanted = [Wanted(one.customer_id, one.message_id, one.purpose) for one in request.wanted]
        with outages():
            found = await self._service.reveal(caller.tenant_id, request.channel, wanted, asker)
        response = pb.RevealContactsResponse()
        for one in found:
            response.contacts.add(outcome=f"REVEAL_OUTCOME_{one.outcome}", addresses=one.addresses)
        return response

    async def ListReveals(  # noqa: N802
        self, request: pb.ListRevealsRequest, _context: Context
    ) -> pb.ListRevealsResponse:
        """Errors: CUSTOMER_NOT_FOUND, PAGE_TOKEN_INVALID."""
        caller = _of_one_tenant(Role.ADMIN)
        parts = from_token("reveals", request.page_token, 1)
        before = parts[0] if parts else ""
        if before and not _ENTRY_ID.fullmatch(before):
            raise RpcFailure(Code.PAGE_TOKEN_INVALID, "send a token as it was", field="page_token")
        limit = request.page_size or _PAGE_DEFAULT
        with outages():
            page = await self._service.page(caller.tenant_id, request.customer_id, before, limit)
        if page is None:
            raise customer_not_found()
        reveals, last = page
        response = pb.ListRevealsResponse(next_page_token=to_token("reveals", last) if last else "")
        for one in reveals:
            reveal = response.reveals.add(
                channel=one.channel,
                message_id=one.message_id,
                purpose=one.purpose,
                caller=one.caller,
                recipient=one.recipient,
                address_count=one.address_count,
            )
            reveal.reveal_time.FromMilliseconds(one.at_ms)
        return response


def _of_one_tenant(role: Role) -> Caller:
    caller = require(role)
    if caller.tenant_id == ALL_TENANTS:
        raise RpcFailure(Code.ROLE_NOT_ALLOWED, "use a token of the tenant")
    return caller
