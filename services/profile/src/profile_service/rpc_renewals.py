"""Notices and renewal of consent over gRPC: a part of PrivacyService."""

from __future__ import annotations

from typing import Final

from dangol.profile.v1 import privacy_service_pb2 as pb
from dangol.profile.v1.privacy_service_pb2_grpc import PrivacyServiceServicer
from dangol_service_kit.auth import Role, require
from dangol_service_kit.clock import wall_ms

from profile_service.notices import Notice, parse_reference
from profile_service.renewals import DueConsent
from profile_service.rpc import Context, idempotency, outages, reader, to_ms
from profile_service.rpc_pages import from_position, from_token, invalid, to_position, to_token
from profile_service.sealing import Vault
from profile_service.service_renewals import RenewalService

_PAGE_DEFAULT: Final = 100


class RenewalRpc(PrivacyServiceServicer):
    """Admins write notices; whoever runs campaigns sees what falls due."""

    def __init__(self, renewals: RenewalService, vault: Vault) -> None:
        self._renewals = renewals
        self._vault = vault

    async def CreateNotice(  # noqa: N802
        self, request: pb.CreateNoticeRequest, _context: Context
    ) -> pb.CreateNoticeResponse:
        """Errors: REQUEST_CONFLICT."""
        caller = require(Role.ADMIN)
        key, fingerprint = idempotency(self._vault, caller, "notice", request)
        wanted = Notice(
            tenant_id=caller.tenant_id,
            name=request.name,
            version=0,
            texts=dict(request.texts),
            created_ms=wall_ms(),
            actor=f"{caller.role.value}:{caller.subject}",
            request_key=key,
            fingerprint=fingerprint,
        )
        with outages():
            stored = await self._renewals.create(wanted)
        return pb.CreateNoticeResponse(notice=_to_notice(stored))

    async def ListNotices(  # noqa: N802
        self, request: pb.ListNoticesRequest, _context: Context
    ) -> pb.ListNoticesResponse:
        """Errors: PAGE_TOKEN_INVALID."""
        caller = reader()
        parts = from_token("notices", request.page_token, 1)
        after = parse_reference(parts[0]) if parts else ("", 0)
        if after is None:
            raise invalid()
        size = request.page_size or _PAGE_DEFAULT
        with outages():
            found = await self._renewals.notices(caller.tenant_id, after, size + 1)
        response = pb.ListNoticesResponse(notices=[_to_notice(one) for one in found[:size]])
        if len(found) > size:
            response.next_page_token = to_token("notices", found[size - 1].reference)
        return response

    async def ListConsentsDue(  # noqa: N802
        self, request: pb.ListConsentsDueRequest, _context: Context
    ) -> pb.ListConsentsDueResponse:
        """Errors: PAGE_TOKEN_INVALID, FIELD_INVALID. A page holds whole customers."""
        tenant_id = require(Role.ADMIN, Role.MARKETER, Role.SERVICE).tenant_id
        at_ms, key = from_position("due", request.page_token) or (0, b"")
        until_ms = None
        if request.HasField("due_before"):
            until_ms = to_ms(request.due_before, "due_before")
        with outages():
            page = await self._renewals.due(
                tenant_id,
                until_ms,
                (at_ms, key.decode(errors="replace")),
                request.page_size or _PAGE_DEFAULT,
            )
        token = to_position("due", page.last[0], page.last[1].encode()) if page.last else ""
        return pb.ListConsentsDueResponse(
            consents=[_to_due(one) for one in page.consents], next_page_token=token
        )


def _to_notice(notice: Notice) -> pb.Notice:
    message = pb.Notice(name=notice.name, version=notice.version, reference=notice.reference)
    message.texts.update(notice.texts)
    message.create_time.FromMilliseconds(notice.created_ms)
    return message


def _to_due(due: DueConsent) -> pb.DueConsent:
    purpose, _, channel = due.name.partition(".")
    message = pb.DueConsent(customer_id=due.customer_id, purpose=purpose, channel=channel)
    message.since_time.FromMilliseconds(due.since_ms)
    message.due_time.FromMilliseconds(due.due_ms)
    return message
