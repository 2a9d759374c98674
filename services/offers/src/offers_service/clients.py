"""Asking profile who a customer is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dangol.events.v1 import event_pb2
from dangol.profile.v1 import customer_service_pb2 as pb
from dangol_service_kit.auth import ServiceCredentials
from dangol_service_kit.client import call
from dangol_service_kit.errors import Code, RpcFailure

from offers_service.service_gifts import Person

if TYPE_CHECKING:
    from dangol.profile.v1.customer_service_pb2_grpc import CustomerServiceAsyncStub

_TIMEOUT_SECONDS = 5.0
_ID_MAX = 64
# Among so many of the newest ones a store is looked for.
_EVENTS_MAX = 50


class ProfilePeople:
    """Customers as profile knows them, read with this service's own token."""

    def __init__(
        self,
        stub: CustomerServiceAsyncStub,
        credentials: ServiceCredentials,
    ) -> None:
        self._stub = stub
        self._credentials = credentials

    async def find(self, tenant_id: str, customer_id: str) -> Person | None:
        """The customer, under the id that merging left; None for nobody.

        Raises RpcFailure UNAVAILABLE without profile.
        """
        if len(customer_id) > _ID_MAX:
            return None
        try:
            response = await call(
                self._stub.GetCustomer,
                pb.GetCustomerRequest(customer_id=customer_id),
                token=self._credentials.token(tenant_id),
                timeout_seconds=_TIMEOUT_SECONDS,
            )
        except RpcFailure as failure:
            if failure.code is Code.CUSTOMER_NOT_FOUND:
                return None
            raise
        return Person(response.customer.customer_id, response.customer.member)

    async def any_member(self, tenant_id: str, identifiers: Sequence[tuple[str, str]]) -> bool:
        """Whether one of the identifiers is a member's. Raises RpcFailure."""
        for namespace, value in identifiers:
            ref = event_pb2.CustomerRef(namespace=namespace, value=value)
            try:
                response = await call(
                    self._stub.GetCustomer,
                    pb.GetCustomerRequest(identifier=ref),
                    token=self._credentials.token(tenant_id),
                    timeout_seconds=_TIMEOUT_SECONDS,
                )
            except RpcFailure as failure:
                if failure.code is Code.CUSTOMER_NOT_FOUND:
                    continue
                raise
            if response.customer.member:
                return True
        return False

    async def sign_up(
        self, tenant_id: str, request_id: str, identifiers: Sequence[tuple[str, str]]
    ) -> Person | None:
        """The member whom the identifiers name from now on; None where they conflict.

        Raises RpcFailure.
        """
        refs = [event_pb2.CustomerRef(namespace=name, value=value) for name, value in identifiers]
        response = await call(
            self._stub.IdentifyCustomer,
            pb.IdentifyCustomerRequest(request_id=request_id, identifiers=refs),
            token=self._credentials.token(tenant_id),
            timeout_seconds=_TIMEOUT_SECONDS,
        )
        if response.outcome == pb.IDENTIFY_OUTCOME_CONFLICT:
            return None
        return Person(response.customer.customer_id, response.customer.member)

    async def last_store(self, tenant_id: str, customer_id: str) -> str:
        """The store of the customer's newest purchase or visit in one; empty for none.

        Raises RpcFailure UNAVAILABLE without profile.
        """
        request = pb.ListTimelineRequest(
            customer_id=customer_id, page_size=_EVENTS_MAX, types=["purchase", "store_visit"]
        )
        try:
            response = await call(
                self._stub.ListTimeline,
                request,
                token=self._credentials.token(tenant_id),
                timeout_seconds=_TIMEOUT_SECONDS,
            )
        except RpcFailure as failure:
            if failure.code is Code.CUSTOMER_NOT_FOUND:
                return ""
            raise
        return next((event.store_id for event in response.events if event.store_id), "")
