"""A profile that tests play by hand: customers, identifiers, sign-ups, merges and purchases."""

import time
from typing import Any

from dangol.profile.v1 import customer_service_pb2 as customers
from dangol.profile.v1 import customer_service_pb2_grpc as customers_grpc
from dangol.profile.v1 import event_service_pb2 as events
from dangol.profile.v1 import event_service_pb2_grpc as events_grpc
from dangol_service_kit.auth import Role, require
from dangol_service_kit.errors import Code, RpcFailure

Identifier = tuple[str, str]


class Purchases(events_grpc.EventServiceServicer):
    """What customers of the shop bought: (customer, when in Unix milliseconds, won)."""

    def __init__(self) -> None:
        self.made: list[tuple[str, int, int]] = []

    async def MeasurePurchases(  # noqa: N802
        self, request: events.MeasurePurchasesRequest, _context: Any
    ) -> events.MeasurePurchasesResponse:
        """Counts what lies in each window; nothing for another tenant."""
        ours = require(Role.SERVICE).tenant_id == "shop"
        response = events.MeasurePurchasesResponse()
        for window in request.windows:
            start, end = window.start_time.ToMilliseconds(), window.end_time.ToMilliseconds()
            amounts = [
                amount
                for customer, at_ms, amount in self.made
                if ours and customer == window.customer_id and start <= at_ms < end
            ]
            response.figures.add(order_count=len(amounts), revenue_minor_units=sum(amounts))
        return response


class People(customers_grpc.CustomerServiceServicer):
    """Everybody exists and is a member, but for `visitors` and whoever is called nobody.

    `owners` says whose an identifier is; `merged` who was merged into whom. sign_up_count counts
    requests that identified somebody, each once however often it was sent.
    """

    def __init__(self) -> None:
        self.visitors = {"vera"}
        self.merged = {"ann-on-her-phone": "ann"}
        self.owners: dict[Identifier, str] = {("device", "veras-phone"): "vera"}
        self.answers: dict[str, customers.IdentifyCustomerResponse] = {}
        self.merges: list[tuple[str, str, int]] = []
        self.consents: dict[str, list[str]] = {}
        # What happens between a look at identifiers and a sign-up under them.
        self.meanwhile: dict[Identifier, str] = {}
        self.purchases = Purchases()  # type: ignore[abstract]

    def merge(self, source: str, target: str) -> None:
        """From now on the source is a tombstone that points to the target."""
        self.merged[source] = target
        self.merges.append((source, target, time.time_ns() // 1_000_000))

    async def ListMergedCustomers(  # noqa: N802
        self, request: customers.ListMergedCustomersRequest, _context: Any
    ) -> customers.ListMergedCustomersResponse:
        """Pages of two, so that there are several."""
        require(Role.SERVICE)
        start = int(request.page_token or 0)
        response = customers.ListMergedCustomersResponse()
        found = [one for one in self.merges if one[2] >= request.since.ToMilliseconds()]
        for source, target, at_ms in found[start : start + 2]:
            merge = response.merges.add(tenant_id="shop", customer_id=source, merged_into=target)
            merge.merge_time.FromMilliseconds(at_ms)
        if len(found) > start + 2:
            response.next_page_token = str(start + 2)
        return response

    async def GetCustomer(  # noqa: N802
        self, request: customers.GetCustomerRequest, _context: Any
    ) -> customers.GetCustomerResponse:
        """Merged customers are answered under the id that is left."""
        customer_id = request.customer_id
        if request.HasField("identifier"):
            ref = request.identifier
            customer_id = self.owners.get((ref.namespace, ref.value), "nobody")
        if customer_id.startswith("nobody"):
            raise RpcFailure(Code.CUSTOMER_NOT_FOUND, "there is no such customer")
        return customers.GetCustomerResponse(customer=self._customer(customer_id))

    async def BatchGetCustomers(  # noqa: N802
        self, request: customers.BatchGetCustomersRequest, _context: Any
    ) -> customers.BatchGetCustomersResponse:
        """Those there are."""
        require(Role.SERVICE)
        found = [one for one in request.customer_ids if not one.startswith("nobody")]
        return customers.BatchGetCustomersResponse(customers=[self._customer(one) for one in found])

    async def IdentifyCustomer(  # noqa: N802
        self, request: customers.IdentifyCustomerRequest, _context: Any
    ) -> customers.IdentifyCustomerResponse:
        """As profile does: two members conflict, a visitor becomes, or is merged into, a member."""
        require(Role.SERVICE)
        known = self.answers.get(request.request_id)
        if known is None:
            self.owners |= self.meanwhile
            names = [(one.namespace, one.value) for one in request.identifiers]
            known = self.answers[request.request_id] = self._identify(names)
        return known

    def _identify(self, names: list[Identifier]) -> customers.IdentifyCustomerResponse:
        found = {self._root(self.owners[name]) for name in names if name in self.owners}
        found |= {self._root(value) for namespace, value in names if namespace == "customer"}
        members = found - self.visitors
        if len(members) > 1:
            return customers.IdentifyCustomerResponse(
                outcome=customers.IDENTIFY_OUTCOME_CONFLICT, customer=self._customer(min(members))
            )
        member_name = next((value for namespace, value in names if namespace == "member"), "")
        target = min(members or found or {f"c-{member_name or names[0][1]}"})
        if member_name:
            self.visitors.discard(target)
        elif not found:
            self.visitors.add(target)
        for source in found - {target}:
            self.merge(source, target)
        self.owners |= dict.fromkeys(names, target)
        outcome = customers.IDENTIFY_OUTCOME_LINKED if found else customers.IDENTIFY_OUTCOME_CREATED
        return customers.IdentifyCustomerResponse(outcome=outcome, customer=self._customer(target))

    def _root(self, customer_id: str) -> str:
        while customer_id in self.merged:
            customer_id = self.merged[customer_id]
        return customer_id

    def _customer(self, customer_id: str) -> customers.Customer:
        root = self._root(customer_id)
        return customers.Customer(
            customer_id=root, member=root not in self.visitors, consents=self.consents.get(root, ())
        )
