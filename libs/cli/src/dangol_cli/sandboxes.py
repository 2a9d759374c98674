"""A tenant's sandboxes from the command line, as an admin of the tenant."""

import argparse
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from dangol.offers.v1 import sandbox_service_pb2 as steps
from dangol.offers.v1.sandbox_service_pb2_grpc import SandboxServiceStub as StepStub
from dangol.profile.v1 import sandbox_service_pb2 as messages
from dangol.profile.v1.sandbox_service_pb2_grpc import SandboxServiceStub
from dangol_service_kit.client import call, connect
from dangol_service_kit.tls import Identity

_TIMEOUT_SECONDS = 10.0
_STEP_SECONDS = 300.0


class SandboxAdmin:
    """Calls profile and offers with a tenant's own token. Every call raises RpcFailure.

    request_id: of the one write that a command makes; repeat a command with it after an outage.
    """

    def __init__(
        self,
        target: str,
        token: str,
        request_id: str,
        identity: Identity | None = None,
    ) -> None:
        self._target = target
        self._token = token
        self._request_id = request_id
        self._identity = identity

    async def create(self, name: str, start: datetime | None) -> str:
        """The line of the new sandbox."""
        request = messages.CreateSandboxRequest(request_id=self._request_id, display_name=name)
        if start is not None:
            request.clock_start.FromDatetime(start.astimezone(UTC))
        answer = await self._call(SandboxServiceStub, "CreateSandbox", request)
        return _line(answer.sandbox)

    async def list(self) -> list[str]:
        """A line for each that is open."""
        answer = await self._call(
            SandboxServiceStub, "ListSandboxes", messages.ListSandboxesRequest()
        )
        return [_line(one) for one in answer.sandboxes]

    async def advance(self, sandbox_id: str, seconds: int) -> str:
        """What the clock shows then."""
        request = steps.AdvanceSandboxRequest(request_id=self._request_id, sandbox_id=sandbox_id)
        request.by.seconds = seconds
        answer = await self._call(StepStub, "AdvanceSandbox", request, _STEP_SECONDS)
        now = answer.now.ToDatetime(tzinfo=UTC).isoformat()
        return f"{sandbox_id} {now} fired={answer.fired_deadlines}"

    async def reset(self, sandbox_id: str) -> str:
        """The line of the sandbox that took its place."""
        request = steps.ResetSandboxRequest(request_id=self._request_id, sandbox_id=sandbox_id)
        answer = await self._call(StepStub, "ResetSandbox", request, _STEP_SECONDS)
        return f"{_line(answer.sandbox)} erased={answer.erased}"

    async def end(self, sandbox_id: str) -> str:
        """How much was deleted."""
        request = steps.EndSandboxRequest(request_id=self._request_id, sandbox_id=sandbox_id)
        answer = await self._call(StepStub, "EndSandbox", request, _STEP_SECONDS)
        return f"{sandbox_id} erased={answer.erased}"

    async def _call(
        self, stub: Any, method: str, request: Any, seconds: float = _TIMEOUT_SECONDS
    ) -> Any:
        async with connect(self._target, identity=self._identity) as channel:
            return await call(
                getattr(stub(channel), method),
                request,
                token=self._token,
                timeout_seconds=seconds,
            )


def add_options(
    parser: argparse.ArgumentParser,
    add_common: Callable[[argparse.ArgumentParser, str], None],
) -> None:
    """add_common(command, service): where that service answers, and how tokens are signed."""
    commands = parser.add_subparsers(required=True, metavar="COMMAND", dest="step")
    create = commands.add_parser("create", help="make one beside a tenant")
    create.add_argument("--name", required=True, help="what people call it")
    create.add_argument(
        "--clock-start", metavar="ISO_TIME", help="where its clock begins; now if absent"
    )
    listing = commands.add_parser("list", help="print one line for each that is open")
    advance = commands.add_parser("advance", help="move its clock; ends when all has happened")
    advance.add_argument("--by", required=True, metavar="DURATION", help="such as 30m, 8h or 2d")
    reset = commands.add_parser("reset", help="erase it, and make an empty one in its place")
    end = commands.add_parser("end", help="erase it for good")
    for command in (create, listing):
        add_common(command, "profile")
    for command in (advance, reset, end):
        command.add_argument("sandbox_id", metavar="ID", help="such as shop--3")
        add_common(command, "offers")
    for command in (create, listing, advance, reset, end):
        command.add_argument("--tenant", required=True, help="the real tenant that it is beside")
        command.add_argument(
            "--request-id",
            default=str(uuid.uuid4()),
            help="to repeat a command whose answer was lost",
        )


def _line(sandbox: messages.Sandbox) -> str:
    now = sandbox.clock_now.ToDatetime(tzinfo=UTC).isoformat()
    return f"{sandbox.sandbox_id} {now} {sandbox.display_name}"
