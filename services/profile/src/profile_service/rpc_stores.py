"""StoreService over gRPC."""

from __future__ import annotations

from typing import Final

from dangol.profile.v1 import store_service_pb2 as pb
from dangol.profile.v1.store_service_pb2_grpc import StoreServiceServicer
from dangol_service_kit.auth import Caller, Role, require
from dangol_service_kit.errors import Code, RpcFailure

from profile_service.rpc import Context, idempotency, outages
from profile_service.rpc_pages import from_token, to_token
from profile_service.sealing import Vault
from profile_service.service_stores import StoreService
from profile_service.service_tenants import zone_exists
from profile_service.store_stores import StoreQuery
from profile_service.stores import Store, StoreContent, Upsert, UpsertOutcome

SERVICE_NAME = "dangol.profile.v1.StoreService"
_PAGE_DEFAULT: Final = 100
_WRITERS: Final = (Role.ADMIN, Role.PARTNER)
_READERS: Final = (Role.ADMIN, Role.MARKETER, Role.STAFF, Role.PARTNER, Role.SERVICE)


class StoreRpc(StoreServiceServicer):
    """Admins and partners write; staff see the stores that their token names."""

    def __init__(self, service: StoreService, vault: Vault) -> None:
        self._service = service
        self._vault = vault

    async def UpsertStores(  # noqa: N802
        self, request: pb.UpsertStoresRequest, _context: Context
    ) -> pb.UpsertStoresResponse:
        """Errors: FIELD_INVALID for ids that come twice and zones that do not exist."""
        caller = require(*_WRITERS)
        _check(request)
        key, _ = idempotency(self._vault, caller, "stores", request)
        upserts = [
            Upsert(
                caller.tenant_id,
                one.store_id,
                StoreContent(dict(one.display_names), one.region, one.zone, one.time_zone),
                one.version,
                key,
                self._vault.fingerprint(
                    caller.tenant_id, one.SerializeToString(deterministic=True)
                ),
            )
            for one in request.stores
        ]
        with outages():
            written = await self._service.upsert(upserts)
        response = pb.UpsertStoresResponse()
        for store, outcome in written:
            result = response.results.add(outcome=f"UPSERT_STORE_OUTCOME_{outcome}")
            if store is not None:
                result.store.CopyFrom(to_message(store))
        return response

    async def GetStore(  # noqa: N802
        self, request: pb.GetStoreRequest, _context: Context
    ) -> pb.GetStoreResponse:
        """Errors: STORE_NOT_FOUND."""
        caller = require(*_READERS)
        only = own_stores(caller)
        if only is not None and request.store_id not in only:
            raise not_found()
        with outages():
            store = await self._service.get(caller.tenant_id, request.store_id)
        if store is None:
            raise not_found()
        return pb.GetStoreResponse(store=to_message(store))

    async def ListStores(  # noqa: N802
        self, request: pb.ListStoresRequest, _context: Context
    ) -> pb.ListStoresResponse:
        """Errors: PAGE_TOKEN_INVALID."""
        caller = require(*_READERS)
        parts = from_token("stores", request.page_token, 1)
        size = request.page_size or _PAGE_DEFAULT
        query = StoreQuery(
            request.region, request.zone, request.include_archived, own_stores(caller)
        )
        after_id = parts[0] if parts else ""
        with outages():
            found = await self._service.page(caller.tenant_id, query, after_id, size + 1)
        return pb.ListStoresResponse(
            stores=[to_message(one) for one in found[:size]],
            next_page_token=to_token("stores", found[size - 1].store_id)
            if len(found) > size
            else "",
        )

    async def ArchiveStore(  # noqa: N802
        self, request: pb.ArchiveStoreRequest, _context: Context
    ) -> pb.ArchiveStoreResponse:
        """Errors: STORE_NOT_FOUND, REQUEST_CONFLICT."""
        return pb.ArchiveStoreResponse(store=await self._archive(request, archive=True))

    async def RestoreStore(  # noqa: N802
        self, request: pb.RestoreStoreRequest, _context: Context
    ) -> pb.RestoreStoreResponse:
        """Errors: STORE_NOT_FOUND, REQUEST_CONFLICT."""
        return pb.RestoreStoreResponse(store=await self._archive(request, archive=False))

    async def _archive(
        self, request: pb.ArchiveStoreRequest | pb.RestoreStoreRequest, *, archive: bool
    ) -> pb.Store:
        caller = require(*_WRITERS)
        kind = "archive-store" if archive else "restore-store"
        key, fingerprint = idempotency(self._vault, caller, kind, request)
        with outages():
            store, outcome = await self._service.archive(
                caller.tenant_id, request.store_id, key, fingerprint, archive=archive
            )
        if store is None:
            raise not_found()
        if outcome is UpsertOutcome.REQUEST_CONFLICT:
            raise RpcFailure(
                Code.REQUEST_CONFLICT,
                "this request id was used with other content: send a fresh one",
                field="request_id",
            )
        return to_message(store)


def own_stores(caller: Caller) -> list[str] | None:
    """The stores that the caller is limited to; None when there is no such limit."""
    return list(caller.stores) if caller.role is Role.STAFF else None


def not_found() -> RpcFailure:
    """For stores that do not exist, and for those that the caller may not see."""
    return RpcFailure(Code.STORE_NOT_FOUND, "there is no such store")


def to_message(store: Store) -> pb.Store:
    """A store as clients see it."""
    content = store.content
    message = pb.Store(
        store_id=store.store_id,
        display_names=dict(content.names),
        region=content.region,
        zone=content.zone,
        time_zone=content.time_zone,
        version=store.version,
        archived=bool(store.archived_ms),
    )
    message.create_time.FromMilliseconds(store.created_ms)
    message.update_time.FromMilliseconds(store.updated_ms)
    return message


def _check(request: pb.UpsertStoresRequest) -> None:
    wrong = []
    seen = set()
    for position, one in enumerate(request.stores):
        if one.store_id in seen:
            wrong.append((f"stores[{position}].store_id", "send each store once"))
        seen.add(one.store_id)
        if one.time_zone and not zone_exists(one.time_zone):
            wrong.append((f"stores[{position}].time_zone", "send an IANA name, or nothing"))
    if wrong:
        raise RpcFailure(Code.FIELD_INVALID, f"{wrong[0][0]}: {wrong[0][1]}", violations=wrong)
