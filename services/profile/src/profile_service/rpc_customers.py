"""CustomerService over gRPC."""

from __future__ import annotations

from typing import Final

from dangol.profile.v1 import customer_service_pb2 as pb
from dangol_service_kit.auth import ALL_TENANTS, Caller, Role, require
from dangol_service_kit.errors import Code, RpcFailure

from profile_service import visitors
from profile_service.disclosure import PROPERTIES
from profile_service.domain import (
    CUSTOMER,
    AnsweredRequest,
    Customer,
    Update,
    settle_birth,
)
from profile_service.identify import IdentifyOutcome
from profile_service.rpc import (
    Context,
    customer_not_found,
    idempotency,
    may_see,
    outages,
    own_customer,
    reader,
    to_ms,
)
from profile_service.rpc_customer_checks import (
    check_birth_dates,
    check_fields,
    check_paths,
    refuse_masked,
    refuse_twice,
    refuse_update,
)
from profile_service.rpc_customer_lists import ListRpc
from profile_service.rpc_pages import from_token, to_position, to_token
from profile_service.rpc_presenter import Presenter, from_message
from profile_service.rpc_read_masks import read_mask
from profile_service.rpc_timelines import to_query
from profile_service.sealing import Vault
from profile_service.service_consents import ConsentService
from profile_service.service_customers import CustomerService
from profile_service.service_fields import FieldService
from profile_service.service_identify import IdentifyService

SERVICE_NAME = "dangol.profile.v1.CustomerService"
_PAGE_DEFAULT: Final = 100
_MERGED_DEFAULT: Final = 1_000
OUTCOMES: Final = {
    IdentifyOutcome.CREATED: pb.IDENTIFY_OUTCOME_CREATED,
    IdentifyOutcome.LINKED: pb.IDENTIFY_OUTCOME_LINKED,
    IdentifyOutcome.MERGED: pb.IDENTIFY_OUTCOME_MERGED,
    IdentifyOutcome.UNCHANGED: pb.IDENTIFY_OUTCOME_UNCHANGED,
    IdentifyOutcome.CONFLICT: pb.IDENTIFY_OUTCOME_CONFLICT,
}
_OWN_NAMESPACES: Final = frozenset({CUSTOMER, "device"})


class CustomerRpc(ListRpc):
    """Customers see and change themselves; the shop's roles see all of their tenant's."""

    def __init__(
        self,
        service: CustomerService,
        identify: IdentifyService,
        consents: ConsentService,
        presenter: Presenter,
        vault: Vault,
        *,
        fields: FieldService,
    ) -> None:
        super().__init__(service, consents, presenter, vault)
        self._fields = fields
        self._identify = identify

    async def IdentifyCustomer(  # noqa: N802
        self, request: pb.IdentifyCustomerRequest, _context: Context
    ) -> pb.IdentifyCustomerResponse:
        """Errors: CUSTOMER_NOT_FOUND, REQUEST_CONFLICT, VERSION_CONFLICT, FIELD_INVALID."""
        caller = require(Role.PARTNER, Role.SERVICE, Role.ADMIN, Role.CUSTOMER, Role.VISITOR)
        tenant_id = caller.tenant_id
        own = own_customer(caller)
        if caller.role is Role.VISITOR:
            _check_visitor(caller.subject, request)
        names = [(one.namespace, one.value) for one in request.identifiers]
        if own is not None and not _only_own(names, own):
            raise customer_not_found()
        refuse_twice(names)
        attributes = settle_birth(from_message(request.attributes))
        check_birth_dates(attributes, "attributes")
        check_fields(attributes, "attributes.fields")
        key, fingerprint = idempotency(self._vault, caller, "identify", request)
        with outages():
            await self._fields.check(tenant_id, attributes, None, "attributes")
            wanted = self._identify.want(tenant_id, names, attributes)
            found = await self._identify.identify(tenant_id, wanted, key, fingerprint, own)
            if caller.role is Role.VISITOR:
                # Whether somebody was known, and who it is, is none of a visitor's business.
                return pb.IdentifyCustomerResponse()
            response = pb.IdentifyCustomerResponse(outcome=OUTCOMES[found.outcome])
            if found.customer is not None:
                response.customer.CopyFrom(
                    await self._show(caller, "IdentifyCustomer", found.customer)
                )
        return response

    async def GetCustomer(  # noqa: N802
        self, request: pb.GetCustomerRequest, _context: Context
    ) -> pb.GetCustomerResponse:
        """Errors: CUSTOMER_NOT_FOUND, FIELD_INVALID."""
        caller = reader()
        mask = read_mask(request.read_mask.paths)
        with outages():
            if request.HasField("identifier"):
                ref = request.identifier
                wanted = await self._service.owner(caller.tenant_id, ref.namespace, ref.value)
            else:
                wanted = request.customer_id
            shown = await self._presenter.look_up(caller, "GetCustomer", [wanted], mask)
        if not shown:
            raise customer_not_found()
        return pb.GetCustomerResponse(customer=shown[0])

    async def BatchGetCustomers(  # noqa: N802
        self, request: pb.BatchGetCustomersRequest, _context: Context
    ) -> pb.BatchGetCustomersResponse:
        """Ids that do not exist, or that the caller may not see, are left out. Errors:
        FIELD_INVALID."""
        caller = reader()
        mask = read_mask(request.read_mask.paths)
        with outages():
            shown = await self._presenter.look_up(
                caller, "BatchGetCustomers", list(request.customer_ids), mask
            )
        return pb.BatchGetCustomersResponse(customers=shown)

    async def _show(self, caller: Caller, method: str, customer: Customer) -> pb.Customer:
        """What the caller is shown of one that was read."""
        (shown,) = await self._presenter.show(caller, method, [customer])
        return shown

    async def ListMergedCustomers(  # noqa: N802
        self, request: pb.ListMergedCustomersRequest, _context: Context
    ) -> pb.ListMergedCustomersResponse:
        """Of the caller's tenant, or of all for a service's own. Errors: PAGE_TOKEN_INVALID."""
        tenant_id = require(Role.SERVICE).tenant_id
        after = _merged_after(request)
        limit = request.page_size or _MERGED_DEFAULT
        with outages():
            only = None if tenant_id == ALL_TENANTS else tenant_id
            found = await self._service.merged(only, after, limit)
        response = pb.ListMergedCustomersResponse()
        for one in found:
            merged = response.merges.add(
                tenant_id=one.tenant_id, customer_id=one.customer_id, merged_into=one.merged_into
            )
            merged.merge_time.FromMilliseconds(one.merged_ms)
        if len(found) == limit:
            last = found[-1]
            position = (str(last.merged_ms), last.tenant_id, last.customer_id)
            response.next_page_token = to_token("merged", *position)
        return response

    async def UpdateCustomer(  # noqa: N802
        self, request: pb.UpdateCustomerRequest, _context: Context
    ) -> pb.UpdateCustomerResponse:
        """Errors: CUSTOMER_NOT_FOUND, VERSION_CONFLICT, REQUEST_CONFLICT, FIELD_INVALID."""
        caller = require(Role.ADMIN, Role.SERVICE, Role.PARTNER, Role.CUSTOMER)
        customer_id = request.customer.customer_id
        if not may_see(caller, customer_id):
            raise customer_not_found()
        paths = list(request.update_mask.paths)
        changes = from_message(request.customer)
        check_paths(paths, caller)
        refuse_masked(changes, paths, caller)
        check_birth_dates(changes, "customer")
        check_fields(changes, "customer.fields")
        answered = AnsweredRequest(*idempotency(self._vault, caller, "update", request))
        with outages():
            await self._fields.check(caller.tenant_id, changes, paths, "customer")
            customer, outcome = await self._service.update(
                caller.tenant_id,
                customer_id,
                Update(request.customer.version, changes, paths, answered),
            )
            if customer is None:
                raise customer_not_found()
            refuse_update(outcome, customer, changes, paths)
            shown = await self._show(caller, "UpdateCustomer", customer)
            return pb.UpdateCustomerResponse(customer=shown)

    async def ListTimeline(  # noqa: N802
        self, request: pb.ListTimelineRequest, _context: Context
    ) -> pb.ListTimelineResponse:
        """Errors: CUSTOMER_NOT_FOUND, PAGE_TOKEN_INVALID, FIELD_INVALID."""
        caller = reader()
        query, kind = to_query(request)
        if not may_see(caller, request.customer_id):
            raise customer_not_found()
        size = request.page_size or _PAGE_DEFAULT
        with outages():
            page = await self._service.timeline(caller.tenant_id, request.customer_id, query, size)
            if page is None:
                raise customer_not_found()
            if any(one.properties for one in page.events):
                await self._presenter.discloser.write_down(
                    caller, "ListTimeline", [request.customer_id], [PROPERTIES]
                )
        token = to_position(kind, *page.position) if page.position else ""
        return pb.ListTimelineResponse(events=page.events, next_page_token=token)


def _only_own(names: list[tuple[str, str]], own: str) -> bool:
    """A customer links devices to itself; contacts and numbers need somebody who checked them."""
    return (CUSTOMER, own) in names and all(
        namespace in _OWN_NAMESPACES and (namespace != CUSTOMER or value == own)
        for namespace, value in names
    )


def _merged_after(request: pb.ListMergedCustomersRequest) -> tuple[int, str, str]:
    """Behind which merge a page begins; nothing sorts before two empty ids."""
    parts = from_token("merged", request.page_token, 3)
    if parts is None:
        return to_ms(request.since, "since"), "", ""
    at_ms, tenant_id, customer_id = parts
    if not at_ms.isdecimal() or len(at_ms) > 15:
        raise RpcFailure(Code.PAGE_TOKEN_INVALID, "send the token of the last page as it was")
    return int(at_ms), tenant_id, customer_id


def _check_visitor(visitor_id: str, request: pb.IdentifyCustomerRequest) -> None:
    """A visitor says that it exists; who it is, only somebody with a better token may say."""
    if not all(visitors.is_own(visitor_id, one) for one in request.identifiers):
        message = "name the visitor alone: device and the visitor's id"
        raise RpcFailure(Code.FIELD_INVALID, message, field="identifiers")
    if request.HasField("attributes"):
        message = "a visitor has no attributes: leave them out"
        raise RpcFailure(Code.FIELD_INVALID, message, field="attributes")
