"""The part of CustomerService that lists: customers by filter, their number, and merges."""

from __future__ import annotations

from typing import Final

from dangol.profile.v1 import customer_service_pb2 as pb
from dangol_rules.error import RuleError
from dangol_rules.filters import parse_filter
from dangol_rules.tree import Rule
from dangol_service_kit.auth import Role, require
from dangol_service_kit.errors import Code, RpcFailure

from profile_service.rpc import Context, customer_not_found, outages
from profile_service.rpc_consents import ConsentRpc
from profile_service.rpc_pages import from_token, invalid, to_token
from profile_service.rpc_presenter import Presenter
from profile_service.rpc_read_masks import read_mask, wants_sealed
from profile_service.sealing import Vault
from profile_service.service_consents import ConsentService
from profile_service.service_customers import TOTAL_MAX, CustomerService

_PAGE_DEFAULT: Final = 100
_LISTERS: Final = (Role.ADMIN, Role.MARKETER, Role.STAFF, Role.SERVICE)


class ListRpc(ConsentRpc):
    """The shop's roles list their tenant's customers; admins read who was merged into whom."""

    def __init__(
        self,
        service: CustomerService,
        consents: ConsentService,
        presenter: Presenter,
        vault: Vault,
    ) -> None:
        super().__init__(consents, presenter, vault)
        self._service = service

    async def ListCustomers(  # noqa: N802
        self, request: pb.ListCustomersRequest, _context: Context
    ) -> pb.ListCustomersResponse:
        """Errors: PAGE_TOKEN_INVALID, RULE_INVALID, FIELD_INVALID."""
        caller = require(*_LISTERS)
        mask = read_mask(request.read_mask.paths)
        sealed = wants_sealed(mask)
        after_id, total = _list_position(request.page_token)
        size = request.page_size or _PAGE_DEFAULT
        rule = _read_filter(request.filter)
        with outages():
            page = await self._service.page(
                caller.tenant_id, after_id, size, rule, request.tag, total=total, sealed=sealed
            )
            following = (page.last_id, str(page.total))
            return pb.ListCustomersResponse(
                customers=await self._presenter.show(caller, "ListCustomers", page.customers, mask),
                next_page_token=to_token("customers", *following) if page.last_id else "",
                total_size=min(page.total, TOTAL_MAX),
                total_is_more=page.total > TOTAL_MAX,
            )

    async def CountCustomers(  # noqa: N802
        self, request: pb.CountCustomersRequest, _context: Context
    ) -> pb.CountCustomersResponse:
        """Errors: RULE_INVALID."""
        caller = require(*_LISTERS)
        rule = _read_filter(request.filter)
        with outages():
            count = await self._service.count(caller.tenant_id, rule, request.tag)
        return pb.CountCustomersResponse(count=count)

    async def ListCustomerMerges(  # noqa: N802
        self, request: pb.ListCustomerMergesRequest, _context: Context
    ) -> pb.ListCustomerMergesResponse:
        """Errors: CUSTOMER_NOT_FOUND, PAGE_TOKEN_INVALID."""
        caller = require(Role.ADMIN, Role.SERVICE)
        before = _merge_position(request.page_token)
        size = request.page_size or _PAGE_DEFAULT
        with outages():
            entries = await self._service.merges(
                caller.tenant_id, request.customer_id, before, size + 1
            )
        if entries is None:
            raise customer_not_found()
        response = pb.ListCustomerMergesResponse()
        for one in entries[:size]:
            merge = response.merges.add(
                customer_id=one.customer_id,
                merged_into=one.merged_into,
                taken=one.taken,
                kept=one.kept,
                combined=one.combined,
            )
            merge.merge_time.FromMilliseconds(one.merged_ms)
        if len(entries) > size:
            last = entries[size - 1]
            response.next_page_token = to_token("merges", str(last.merged_ms), last.customer_id)
        return response


def _read_filter(text: str) -> Rule | None:
    """The filter's tree; None for no filter. Raises RpcFailure RULE_INVALID with its place."""
    if not text.strip():
        return None
    try:
        return parse_filter(text)
    except RuleError as error:
        raise RpcFailure(
            Code.RULE_INVALID,
            str(error),
            field="filter",
            metadata={"line": str(error.line), "column": str(error.column), "hint": error.hint},
        ) from None


def _list_position(token: str) -> tuple[str, int | None]:
    """Behind whom a page begins, and how many there are, which the first page has counted."""
    parts = from_token("customers", token, 2)
    if parts is None:
        return "", None
    after_id, total = parts
    if not total.isdecimal() or len(total) > 5:
        raise invalid()
    return after_id, int(total)


def _merge_position(token: str) -> tuple[int, str] | None:
    parts = from_token("merges", token, 2)
    if parts is None:
        return None
    at_ms, customer_id = parts
    if not at_ms.isdecimal() or len(at_ms) > 15:
        raise invalid()
    return int(at_ms), customer_id
