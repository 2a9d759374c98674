"""SearchService over gRPC."""

from __future__ import annotations

import re
from typing import Final

from dangol.profile.v1 import search_service_pb2 as pb
from dangol.profile.v1.search_service_pb2_grpc import (
    SearchServiceServicer,
    add_SearchServiceServicer_to_server,
)
from dangol_service_kit.auth import ALL_TENANTS, Caller, Role, require
from dangol_service_kit.errors import Code, RpcFailure
from dangol_service_kit.server import Server

from profile_service.rpc import Context, outages
from profile_service.rpc_pages import from_token, invalid, to_token
from profile_service.sealing import Vault
from profile_service.search import Wanted, check, mask_name, mask_phone
from profile_service.service_registry import Registry
from profile_service.service_searches import Found, SearchService
from profile_service.store_contacts import ContactStore
from profile_service.store_customers import CustomerStore
from profile_service.store_identifiers import IdentifierStore
from profile_service.store_searches import SearchStore

SERVICE_NAME = "dangol.profile.v1.SearchService"
_PAGE_DEFAULT: Final = 100
_ENTRY_ID: Final = re.compile("[0-9a-f]{24}")


class SearchRpc(SearchServiceServicer):
    """Staff and admins search; admins read who did."""

    def __init__(self, service: SearchService) -> None:
        self._service = service

    async def SearchCustomers(  # noqa: N802
        self, request: pb.SearchCustomersRequest, _context: Context
    ) -> pb.SearchCustomersResponse:
        """Errors: FIELD_INVALID, ROLE_NOT_ALLOWED, TOO_MANY_REQUESTS."""
        caller = require(Role.STAFF, Role.ADMIN)
        _check_store(caller, request.store_id)
        wanted = Wanted(
            request.phone_last_four, request.name.strip(), request.initials, request.email.strip()
        )
        wrong = check(wanted)
        if wrong:
            raise RpcFailure(Code.FIELD_INVALID, f"{wrong[0][0]}: {wrong[0][1]}", violations=wrong)
        name = f"{caller.role}:{caller.subject}"
        with outages():
            found, more = await self._service.search(
                caller.tenant_id, wanted, name, request.store_id
            )
        return pb.SearchCustomersResponse(
            candidates=[_to_candidate(one) for one in found], more=more
        )

    async def ListSearches(  # noqa: N802
        self, request: pb.ListSearchesRequest, _context: Context
    ) -> pb.ListSearchesResponse:
        """Errors: PAGE_TOKEN_INVALID."""
        caller = require(Role.ADMIN)
        parts = from_token("searches", request.page_token, 1)
        before = parts[0] if parts else ""
        if before and not _ENTRY_ID.fullmatch(before):
            raise invalid()
        limit = request.page_size or _PAGE_DEFAULT
        with outages():
            entries, last = await self._service.page(
                caller.tenant_id, request.customer_id, before, limit
            )
        response = pb.ListSearchesResponse(
            next_page_token=to_token("searches", last) if last else ""
        )
        for one in entries:
            entry = response.searches.add(
                caller=one.caller,
                store_id=one.store_id,
                kinds=one.kinds,
                customer_ids=one.customer_ids,
            )
            entry.search_time.FromMilliseconds(one.at_ms)
        return response


def add_searches(server: Server, database: object, vault: Vault) -> None:
    """Puts the service into the process."""
    customers = CustomerStore(database, vault)
    service = SearchService(
        registry=Registry(customers, IdentifierStore(database, vault), vault),
        customers=customers,
        contacts=ContactStore(database, vault),
        searches=SearchStore(database, vault),
    )
    server.add(add_SearchServiceServicer_to_server, SearchRpc(service), SERVICE_NAME)


def _check_store(caller: Caller, store_id: str) -> None:
    """Staff limited to stores say in which of theirs they stand."""
    if caller.tenant_id == ALL_TENANTS:
        raise RpcFailure(Code.ROLE_NOT_ALLOWED, "use a token of the tenant")
    if caller.role is Role.STAFF and caller.stores and store_id not in caller.stores:
        raise RpcFailure(Code.FIELD_INVALID, "name one of your stores", field="store_id")


def _to_candidate(found: Found) -> pb.Candidate:
    customer = found.customer
    return pb.Candidate(
        customer_id=customer.customer_id,
        masked_name=mask_name(customer.attributes.display_name),
        masked_phone=mask_phone(found.phone),
        tier=customer.attributes.tier,
        member=customer.member,
    )
