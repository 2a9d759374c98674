"""Calls to the segmentation service, in this service's own name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from dangol.events.v1 import membership_pb2
from dangol.events.v1.event_pb2 import Event
from dangol.profile.v1 import event_service_pb2 as pb
from dangol.segmentation.v1 import evaluation_service_pb2 as evaluation_pb
from dangol_service_kit.auth import ServiceCredentials
from dangol_service_kit.client import call
from dangol_service_kit.errors import RpcFailure

if TYPE_CHECKING:
    # The stub's type exists only in the generated .pyi file.
    from dangol.segmentation.v1.evaluation_service_pb2_grpc import EvaluationServiceAsyncStub

EVALUATE = "dangol.segmentation.v1.EvaluationService/Evaluate"
_EVALUATE_SECONDS = 2.0
_REPLAY_SECONDS = 30.0
_CUSTOMERS_MAX = 1000


class DeltaEvent(NamedTuple):
    """An event without its customer, under the key by which segmentation knows it."""

    key: bytes
    at_ms: int
    received_ms: int
    event: Event


class Delta(NamedTuple):
    """What happened to one customer. profile is set when the customer is new or changed."""

    customer_id: str
    created: bool
    profile: pb.ProfileSnapshot | None
    events: Sequence[DeltaEvent] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """Changes known now, and the customers whose changes follow after a replay."""

    changes: Sequence[membership_pb2.MembershipChange]
    pending_ids: frozenset[str]


NOTHING = Answer((), frozenset())


class Segmentation:
    """Tells segmentation what happened. An outage is an answer: every customer is pending."""

    def __init__(self, stub: EvaluationServiceAsyncStub, credentials: ServiceCredentials) -> None:
        self._stub = stub
        self._credentials = credentials

    async def evaluate(self, tenant_id: str, intent_ms: int, deltas: Sequence[Delta]) -> Answer:
        """Applies deltas. Asked once: what goes wrong is left to the relay."""
        request = evaluation_pb.EvaluateRequest()
        request.intent_time.FromMilliseconds(intent_ms)
        for delta in deltas:
            customer = request.customers.add(customer_id=delta.customer_id, created=delta.created)
            if delta.profile is not None:
                customer.profile.CopyFrom(delta.profile)
            for key, at_ms, received_ms, event in delta.events:
                # Copied once, to where it is sent from.
                customer.events.add(
                    key=key, evaluated_at_ms=at_ms, received_at_ms=received_ms, event=event
                )
        try:
            response = await call(
                self._stub.Evaluate,
                request,
                token=self._credentials.token(tenant_id),
                timeout_seconds=_EVALUATE_SECONDS,
            )
        except RpcFailure:
            return Answer((), frozenset(delta.customer_id for delta in deltas))
        return Answer(response.changes, frozenset(response.pending_customer_ids))

    async def replay(
        self,
        tenant_id: str,
        customer_ids: Sequence[str],
        cause: membership_pb2.ChangeCause = membership_pb2.CHANGE_CAUSE_UNSPECIFIED,
    ) -> Answer:
        """Has customers computed anew from their histories."""
        changes: list[membership_pb2.MembershipChange] = []
        pending: set[str] = set()
        for start in range(0, len(customer_ids), _CUSTOMERS_MAX):
            some = customer_ids[start : start + _CUSTOMERS_MAX]
            try:
                response = await call(
                    self._stub.ReplayCustomers,
                    evaluation_pb.ReplayCustomersRequest(customer_ids=some, cause=cause),
                    token=self._credentials.token(tenant_id),
                    timeout_seconds=_REPLAY_SECONDS,
                )
            except RpcFailure:
                pending.update(some)
                continue
            changes.extend(response.changes)
            pending.update(response.pending_customer_ids)
        return Answer(changes, frozenset(pending))
