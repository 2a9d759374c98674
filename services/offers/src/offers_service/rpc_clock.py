"""dangol.offers.v1.ClockService."""

from __future__ import annotations

from typing import Any

from dangol.offers.v1 import clock_service_pb2 as pb
from dangol.offers.v1 import clock_service_pb2_grpc as pb_grpc
from dangol_service_kit.auth import Role
from dangol_service_kit.errors import Code, RpcFailure

from offers_service.advance import AdvanceOutcome, ClockLeader, Target
from offers_service.rpc_common import authorize, failures

_HORIZON_FIELD = "horizon"


SERVICE_NAME = pb.DESCRIPTOR.services_by_name["ClockService"].full_name


class ClockServicer(pb_grpc.ClockServiceServicer):
    """protobuf <-> the clock's leader."""

    def __init__(self, leader: ClockLeader) -> None:
        self._leader = leader

    async def AdvanceClock(  # noqa: N802
        self, request: pb.AdvanceClockRequest, _context: Any
    ) -> pb.AdvanceClockResponse:
        """Moves the caller's tenant to `now` and lets everything come to rest."""
        caller = authorize(Role.ADMIN, Role.SERVICE)
        target = Target(
            caller.tenant_id, request.now.ToMilliseconds(), request.horizon.ToMilliseconds()
        )
        with failures():
            advanced = await self._leader.advance(target)
        _refuse(advanced.outcome)
        return pb.AdvanceClockResponse(
            fired_deadlines=advanced.fired,
            consumed_changes=advanced.consumed,
            relayed_events=advanced.relayed,
        )


def _refuse(outcome: AdvanceOutcome) -> None:
    match outcome:
        case AdvanceOutcome.QUIET:
            return
        case AdvanceOutcome.NOT_VIRTUAL:
            raise RpcFailure(Code.CLOCK_NOT_VIRTUAL, "only tenants under virtual time have a step")
        case AdvanceOutcome.BACKWARDS:
            raise RpcFailure(Code.CLOCK_BACKWARDS, "now lies before the clock's time", field="now")
        case AdvanceOutcome.HORIZON_BEFORE_NOW:
            raise RpcFailure(
                Code.FIELD_INVALID, "the horizon must not lie before now", field=_HORIZON_FIELD
            )
        case AdvanceOutcome.NOT_QUIET:
            raise RpcFailure(Code.CLOCK_NOT_QUIET, "changes and offers keep causing each other")
