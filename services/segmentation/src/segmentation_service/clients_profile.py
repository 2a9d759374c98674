"""Histories from the profile service: the truth that every replay starts from."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING

from dangol.profile.v1 import event_service_pb2 as pb
from dangol.profile.v1.customer_service_pb2 import ListCustomersRequest
from dangol_service_kit.auth import ServiceCredentials
from dangol_service_kit.client import call, stream

from segmentation_service.histories import History, to_history

if TYPE_CHECKING:
    from dangol.profile.v1.customer_service_pb2_grpc import CustomerServiceAsyncStub
    from dangol.profile.v1.event_service_pb2_grpc import EventServiceAsyncStub

_TOUCHED_PAGE = 5_000
_TOUCHED_TIMEOUT_SECONDS = 10.0
_SELECTED_TIMEOUT_SECONDS = 30.0
_COUNT_TIMEOUT_SECONDS = 10.0


class ProfileClient:
    """Calls profile in segmentation's own name. Raises RpcFailure."""

    def __init__(
        self,
        stub: EventServiceAsyncStub,
        customers: CustomerServiceAsyncStub,
        credentials: ServiceCredentials,
    ) -> None:
        self._stub = stub
        self._customers = customers
        self._credentials = credentials

    async def count_customers(self, tenant_id: str) -> int:
        """How many customers the tenant has now, without those merged away."""
        answer = await call(
            self._customers.ListCustomers,
            ListCustomersRequest(page_size=1),
            token=self._credentials.token(tenant_id),
            timeout_seconds=_COUNT_TIMEOUT_SECONDS,
        )
        return answer.total_size

    async def histories(self, tenant_id: str, customer_ids: Sequence[str]) -> list[History]:
        """Histories of up to 1,000 customers; those unknown to profile are left out."""
        request = pb.StreamHistoryRequest(customer_ids=customer_ids)
        answers = stream(
            self._stub.StreamHistory,
            request,
            token=self._credentials.token(tenant_id),
            timeout_seconds=_SELECTED_TIMEOUT_SECONDS,
        )
        return [to_history(answer) async for answer in answers]

    async def all_histories(
        self, tenant_id: str, after_customer_id: str = ""
    ) -> AsyncIterator[History]:
        """Every customer of the tenant in order of id, after one."""
        request = pb.StreamHistoryRequest(start_after_customer_id=after_customer_id)
        token = self._credentials.token(tenant_id)
        async for answer in stream(self._stub.StreamHistory, request, token=token):
            yield to_history(answer)

    async def sample_histories(
        self, tenant_id: str, sample_size: int, event_types: Sequence[str]
    ) -> AsyncIterator[History]:
        """At most so many customers, all or a random sample of them, with events of these types."""
        request = pb.StreamHistoryRequest(sample_size=sample_size, event_types=event_types)
        token = self._credentials.token(tenant_id)
        async for answer in stream(
            self._stub.StreamHistory,
            request,
            token=token,
            timeout_seconds=_SELECTED_TIMEOUT_SECONDS,
        ):
            yield to_history(answer)

    async def touched(self, tenant_id: str, since_ms: int) -> AsyncIterator[list[str]]:
        """Customers that profile sent deltas of since a wall time, page by page."""
        request = pb.ListTouchedCustomersRequest(page_size=_TOUCHED_PAGE)
        request.since.FromMilliseconds(since_ms)
        while True:
            answer = await call(
                self._stub.ListTouchedCustomers,
                request,
                token=self._credentials.token(tenant_id),
                timeout_seconds=_TOUCHED_TIMEOUT_SECONDS,
            )
            yield list(answer.customer_ids)
            if not answer.next_page_token:
                return
            request.page_token = answer.next_page_token
