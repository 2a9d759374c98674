"""dangol.segmentation.v1.EvaluationService and ClockService: protobuf to use cases and back."""

from __future__ import annotations

from typing import Any, TypeAlias

import grpc
from dangol.events.v1.membership_pb2 import ChangeCause
from dangol.segmentation.v1 import clock_service_pb2, evaluation_service_pb2
from dangol.segmentation.v1.clock_service_pb2_grpc import ClockServiceServicer
from dangol.segmentation.v1.evaluation_service_pb2_grpc import EvaluationServiceServicer
from dangol_service_kit.auth import ALL_TENANTS, Caller, Role, require
from dangol_service_kit.clock import Clock
from dangol_service_kit.errors import Code, RpcFailure

from segmentation_service.decisions import Delta
from segmentation_service.histories import to_input
from segmentation_service.reconcile import IMPORTED
from segmentation_service.service_clock import ClockSteps
from segmentation_service.service_epochs import Epochs
from segmentation_service.service_evaluation import EvaluationService, merge_deltas
from segmentation_service.service_gate import Gate
from segmentation_service.service_metrics import Meters
from segmentation_service.service_replay import Reason, Replayer
from segmentation_service.service_segments import SegmentService

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"
pb = evaluation_service_pb2

_CUSTOMERS_MAX = 1_000
_REBUILD_SECONDS = 600.0
_CAUSE_PREFIX = "CHANGE_CAUSE_"


class EvaluationRpc(EvaluationServiceServicer):
    """For profile, and for operators' rebuilds."""

    def __init__(
        self,
        *,
        evaluation: EvaluationService,
        replayer: Replayer,
        segments: SegmentService,
        gate: Gate,
        clock: Clock,
        meters: Meters,
        epochs: Epochs,
    ) -> None:
        self._evaluation = evaluation
        self._replayer = replayer
        self._segments = segments
        self._gate = gate
        self._clock = clock
        self._meters = meters
        self._epochs = epochs

    async def Evaluate(  # noqa: N802
        self, request: pb.EvaluateRequest, _context: Context
    ) -> pb.EvaluateResponse:
        """Applies deltas."""
        caller = _service_of_one_tenant()
        _check_count(len(request.customers), "customers")
        profile_at_ms = 0
        if any(c.HasField("profile") and not c.created for c in request.customers):
            profile_at_ms = (await self._clock.read(caller.tenant_id)).now_ms
        deltas = [_to_delta(customer, profile_at_ms) for customer in request.customers]
        self._meters.evaluated(sum(len(delta.events) for delta in deltas))
        if len({delta.customer_id for delta in deltas}) < len(deltas):
            deltas = merge_deltas(deltas)
        result = await self._evaluation.evaluate(
            caller.tenant_id, request.intent_time.ToMilliseconds(), deltas
        )
        return pb.EvaluateResponse(changes=result.changes, pending_customer_ids=result.pending)

    async def ReplayCustomers(  # noqa: N802
        self, request: pb.ReplayCustomersRequest, _context: Context
    ) -> pb.ReplayCustomersResponse:
        """Computes customers anew."""
        caller = _service_of_one_tenant()
        if not self._gate.ready_count:
            return pb.ReplayCustomersResponse(pending_customer_ids=request.customer_ids)
        cause = ChangeCause.Name(request.cause).removeprefix(_CAUSE_PREFIX)
        reason = Reason("REBUILD" if cause == "UNSPECIFIED" else cause, notify=cause != IMPORTED)
        result = await self._replayer.replay(caller.tenant_id, list(request.customer_ids), reason)
        return pb.ReplayCustomersResponse(
            changes=result.changes, pending_customer_ids=result.pending
        )

    async def Rebuild(  # noqa: N802
        self, _request: pb.RebuildRequest, context: Context
    ) -> pb.RebuildResponse:
        """Computes a whole tenant anew."""
        caller = require(Role.SERVICE, Role.ADMIN)
        _check_tenant(caller)
        remaining = context.time_remaining()
        seconds = _REBUILD_SECONDS if remaining is None else min(remaining, _REBUILD_SECONDS)
        customers, changes = await self._segments.rebuild(caller.tenant_id, seconds)
        return pb.RebuildResponse(customer_count=customers, change_count=changes)

    async def GetReadiness(  # noqa: N802
        self, _request: pb.GetReadinessRequest, _context: Context
    ) -> pb.GetReadinessResponse:
        """Whether the state is complete, and how far a rebuild has come."""
        require(Role.SERVICE, Role.OPERATOR, Role.ADMIN)
        return pb.GetReadinessResponse(
            ready=self._gate.is_ready,
            partitions_ready=self._gate.ready_count,
            customers_rebuilt=self._gate.customers_rebuilt,
            customers_total=self._gate.customers_total,
        )

    async def BeginEpoch(  # noqa: N802
        self, _request: pb.BeginEpochRequest, _context: Context
    ) -> pb.BeginEpochResponse:
        """Has all state built anew, after MongoDB was restored."""
        require(Role.OPERATOR)
        return pb.BeginEpochResponse(epoch=await self._epochs.begin())


class ClockRpc(ClockServiceServicer):
    """For the offers service, which leads the platform's step."""

    def __init__(self, steps: ClockSteps) -> None:
        self._steps = steps

    async def AdvanceClock(  # noqa: N802
        self, request: clock_service_pb2.AdvanceClockRequest, _context: Context
    ) -> clock_service_pb2.AdvanceClockResponse:
        """Fires the tenant's deadlines up to the time given."""
        caller = _service_of_one_tenant()
        step = await self._steps.advance(
            caller.tenant_id, request.now.ToMilliseconds(), request.horizon.ToMilliseconds()
        )
        response = clock_service_pb2.AdvanceClockResponse(fired_deadlines=step.fired)
        if step.next_due_ms is not None:
            response.next_due.FromMilliseconds(step.next_due_ms)
        for partition, sequence in sorted(step.positions.items()):
            response.positions.add(partition=partition, sequence=sequence)
        return response


def _service_of_one_tenant() -> Caller:
    caller = require(Role.SERVICE)
    _check_tenant(caller)
    return caller


def _check_tenant(caller: Caller) -> None:
    if caller.tenant_id == ALL_TENANTS:
        raise RpcFailure(Code.TENANT_NOT_FOUND, "use a token for one tenant")


def _check_count(count: int, field: str) -> None:
    if not 0 < count <= _CUSTOMERS_MAX:
        raise RpcFailure(Code.FIELD_INVALID, f"send 1 to {_CUSTOMERS_MAX}", field=field)


def _to_delta(customer: pb.CustomerDelta, profile_at_ms: int) -> Delta:
    if not customer.customer_id:
        raise RpcFailure(Code.FIELD_INVALID, "must not be empty", field="customers.customer_id")
    return Delta(
        customer.customer_id,
        customer.created,
        customer.profile if customer.HasField("profile") else None,
        [to_input(event) for event in customer.events],
        profile_at_ms,
    )
