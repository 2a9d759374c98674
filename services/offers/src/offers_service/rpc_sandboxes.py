"""dangol.offers.v1.SandboxService."""

from __future__ import annotations

import hashlib
from typing import Any

from dangol.offers.v1 import sandbox_service_pb2 as pb
from dangol.offers.v1 import sandbox_service_pb2_grpc as pb_grpc
from dangol.profile.v1.sandbox_service_pb2 import Sandbox
from dangol.profile.v1.sandbox_service_pb2_grpc import SandboxServiceStub as ProfileStub
from dangol.profile.v1.tenant_service_pb2_grpc import TenantServiceStub
from dangol.segmentation.v1.sandbox_service_pb2_grpc import SandboxServiceStub as SegmentationStub
from dangol_service_kit.auth import Caller, Role
from dangol_service_kit.errors import Code, RpcFailure
from dangol_service_kit.sandboxes import is_sandbox, parent_of
from dangol_service_kit.server import Server

from offers_service.advance import AdvanceOutcome, ClockLeader
from offers_service.rpc_common import actor, authorize, failures
from offers_service.sandbox_steps import AHEAD_MS, StepOutcome, Wanted
from offers_service.service_base import Base
from offers_service.service_sandboxes import SandboxClock, SandboxResets
from offers_service.store_sandboxes import SandboxStore

SERVICE_NAME = pb.DESCRIPTOR.services_by_name["SandboxService"].full_name


class SandboxServicer(pb_grpc.SandboxServiceServicer):
    """protobuf <-> a sandbox's clock and its reset."""

    def __init__(self, clock: SandboxClock, resets: SandboxResets) -> None:
        self._clock = clock
        self._resets = resets

    async def AdvanceSandbox(  # noqa: N802
        self, request: pb.AdvanceSandboxRequest, _context: Any
    ) -> pb.AdvanceSandboxResponse:
        """SANDBOX_REQUIRED, TENANT_NOT_FOUND, CLOCK_BACKWARDS, CLOCK_NOT_QUIET, FIELD_INVALID."""
        caller = authorize(Role.ADMIN, Role.PARTNER)
        tenant_id = _sandbox_of(caller, request.sandbox_id)
        with failures():
            planned = await self._clock.plan(tenant_id, _wanted(caller, request))
            _refuse(planned.outcome)
            again = planned.outcome is StepOutcome.REPEATED
            moved = await self._clock.go(tenant_id, planned.target_ms, again=again)
        if moved.done.outcome is not AdvanceOutcome.QUIET:
            message = "what the step set off did not come to rest"
            raise RpcFailure(Code.CLOCK_NOT_QUIET, message)
        response = pb.AdvanceSandboxResponse(
            fired_deadlines=moved.done.fired,
            consumed_changes=moved.done.consumed,
            relayed_events=moved.done.relayed,
        )
        response.now.FromMilliseconds(moved.now_ms)
        response.horizon.FromMilliseconds(moved.now_ms + AHEAD_MS)
        return response

    async def ResetSandbox(  # noqa: N802
        self, request: pb.ResetSandboxRequest, _context: Any
    ) -> pb.ResetSandboxResponse:
        """SANDBOX_REQUIRED, TENANT_NOT_FOUND, REQUEST_CONFLICT, SANDBOX_LIMIT."""
        sandbox, erased = await self._end(request, with_successor=True)
        return pb.ResetSandboxResponse(sandbox=sandbox, erased=erased)

    async def EndSandbox(  # noqa: N802
        self, request: pb.EndSandboxRequest, _context: Any
    ) -> pb.EndSandboxResponse:
        """SANDBOX_REQUIRED, TENANT_NOT_FOUND, REQUEST_CONFLICT."""
        _, erased = await self._end(request, with_successor=False)
        return pb.EndSandboxResponse(erased=erased)

    async def _end(self, request: Any, *, with_successor: bool) -> tuple[Sandbox, int]:
        caller = authorize(Role.ADMIN)
        tenant_id = _sandbox_of(caller, request.sandbox_id)
        with failures():
            return await self._resets.end(
                tenant_id, request.request_id, actor(caller), with_successor=with_successor
            )


class SandboxParts:
    """A servicer that `add_to` gives to the server, `prepare` before and `run` beside it."""

    def __init__(self, base: Base, leader: ClockLeader) -> None:
        self._store = SandboxStore(base.database)
        token = base.credentials.token
        clock = SandboxClock(
            store=self._store,
            leader=leader,
            tenants=TenantServiceStub(base.profile),
            token=token,
        )
        self.resets = SandboxResets(
            store=self._store,
            clock=clock,
            profile=ProfileStub(base.profile),
            segmentation=SegmentationStub(base.segmentation),
            token=token,
        )
        self._servicer = SandboxServicer(clock, self.resets)

    async def prepare(self) -> None:
        """Makes the collection; harmless to repeat."""
        await self._store.prepare()

    def add_to(self, server: Server) -> None:
        """SandboxService."""
        server.add(pb_grpc.add_SandboxServiceServicer_to_server, self._servicer, SERVICE_NAME)

    async def run(self) -> None:
        """Looks after sandboxes that ended, until cancelled."""
        await self.resets.run()


def _sandbox_of(caller: Caller, sandbox_id: str) -> str:
    """The sandbox that is meant: the caller's own tenant, or one beside it, for its admins."""
    tenant_id = sandbox_id or caller.tenant_id
    beside = caller.role is Role.ADMIN and parent_of(tenant_id) == caller.tenant_id
    if tenant_id != caller.tenant_id and not beside:
        # What belongs to another tenant looks like what does not exist.
        raise RpcFailure(Code.TENANT_NOT_FOUND, "there is no such sandbox", field="sandbox_id")
    if not is_sandbox(tenant_id):
        message = f"{tenant_id} is a real tenant: name a sandbox, or use a token of one"
        raise RpcFailure(Code.SANDBOX_REQUIRED, message, field="sandbox_id")
    return tenant_id


def _wanted(caller: Caller, request: pb.AdvanceSandboxRequest) -> Wanted:
    key = f"{actor(caller)}\0{request.request_id}".encode()
    content = request.SerializeToString(deterministic=True)
    to_ms = by_ms = None
    if request.HasField("to"):
        to_ms = request.to.ToMilliseconds()
    else:
        by_ms = request.by.ToMilliseconds()
    return Wanted(
        hashlib.blake2b(key, digest_size=16).hexdigest(),
        hashlib.blake2b(content, digest_size=16).digest(),
        to_ms,
        by_ms,
    )


def _refuse(outcome: StepOutcome) -> None:
    match outcome:
        case StepOutcome.PLANNED | StepOutcome.REPEATED:
            return
        case StepOutcome.REQUEST_CONFLICT:
            message = "this request was sent with other content: take another request id"
            raise RpcFailure(Code.REQUEST_CONFLICT, message, field="request_id")
        case StepOutcome.BACKWARDS:
            message = "the clock is further, or is on its way to a later time"
            raise RpcFailure(Code.CLOCK_BACKWARDS, message, field="to")
        case StepOutcome.TOO_FAR:
            message = "one step goes 400 days at most: take several"
            raise RpcFailure(Code.FIELD_INVALID, message, field="to")
