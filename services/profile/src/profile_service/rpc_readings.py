"""What a caller is shown of customers, written down before it leaves, and who reads that log."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from dangol.profile.v1 import customer_service_pb2 as customers_pb
from dangol.profile.v1 import privacy_service_pb2 as pb
from dangol.profile.v1.privacy_service_pb2_grpc import PrivacyServiceServicer
from dangol_service_kit.auth import ALL_TENANTS, Caller, Role, require
from dangol_service_kit.clock import wall_ms
from dangol_service_kit.errors import Code, RpcFailure

from profile_service.disclosure import Reading, is_recorded, mask
from profile_service.rpc import Context, outages
from profile_service.rpc_pages import from_token, invalid, to_token
from profile_service.store_readings import ReadingStore

_PAGE_DEFAULT: Final = 100
_ENTRY_ID: Final = re.compile("[0-9a-f]{24}")


class Discloser:
    """Every answer with customers goes through here on its way out."""

    def __init__(self, readings: ReadingStore, *, wall_ms: Callable[[], int] = wall_ms) -> None:
        self._readings = readings
        self._wall_ms = wall_ms

    async def disclose(
        self, caller: Caller, method: str, messages: Iterable[customers_pb.Customer]
    ) -> None:
        """Masks customers for the caller, in place. Raises StoreUnavailableError: then nobody may
        be shown any."""
        ids, fields = [], set()
        for one in messages:
            shown = mask(one, caller.role)
            if shown:
                ids.append(one.customer_id)
                fields.update(shown)
        await self.write_down(caller, method, ids, sorted(fields))

    async def write_down(
        self, caller: Caller, method: str, customer_ids: Sequence[str], fields: Sequence[str]
    ) -> None:
        """Keeps that these fields of these customers are shown to the caller."""
        if not customer_ids or not fields or not is_recorded(caller.role):
            return
        name = f"{caller.role.value}:{caller.subject}"
        reading = Reading(self._wall_ms(), name, method, tuple(customer_ids), tuple(fields))
        await self._readings.write(caller.tenant_id, reading)


class ReadingRpc(PrivacyServiceServicer):
    """The log, for admins."""

    def __init__(self, readings: ReadingStore) -> None:
        self._readings = readings

    async def ListReadings(  # noqa: N802
        self, request: pb.ListReadingsRequest, _context: Context
    ) -> pb.ListReadingsResponse:
        """Errors: PAGE_TOKEN_INVALID."""
        caller = require(Role.ADMIN)
        if caller.tenant_id == ALL_TENANTS:
            raise RpcFailure(Code.ROLE_NOT_ALLOWED, "use a token of the tenant")
        parts = from_token("readings", request.page_token, 1)
        before = parts[0] if parts else ""
        if before and not _ENTRY_ID.fullmatch(before):
            raise invalid()
        limit = request.page_size or _PAGE_DEFAULT
        with outages():
            entries, last = await self._readings.page(
                caller.tenant_id, request.customer_id, before, limit
            )
        token = to_token("readings", last) if last else ""
        response = pb.ListReadingsResponse(next_page_token=token)
        for one in entries:
            reading = response.readings.add(
                caller=one.caller,
                method=one.method,
                customer_ids=one.customer_ids,
                fields=one.fields,
            )
            reading.read_time.FromMilliseconds(one.at_ms)
        return response
