"""GreetingService on the wire."""

from __future__ import annotations

from typing import Any

from dangol.offers.v1 import greeting_service_pb2 as pb
from dangol.offers.v1 import greeting_service_pb2_grpc as pb_grpc
from dangol_service_kit.auth import Role
from dangol_service_kit.errors import Code, RpcFailure

from offers_service.greetings import Greeting
from offers_service.rpc_common import READERS, USERS, authorize, authorize_for, failures
from offers_service.service_greetings import GreetingDesk

SERVICE_NAME = "dangol.offers.v1.GreetingService"
_WRITERS = (Role.ADMIN, Role.MARKETER)


class GreetingServicer(pb_grpc.GreetingServiceServicer):
    """protobuf <-> greetings."""

    def __init__(self, desk: GreetingDesk) -> None:
        self._desk = desk

    async def SetGreetings(  # noqa: N802
        self, request: pb.SetGreetingsRequest, _context: Any
    ) -> pb.SetGreetingsResponse:
        """All of them at once; FIELD_INVALID names what is wrong."""
        tenant_id = authorize(*_WRITERS).tenant_id
        wanted = tuple([_read(one) for one in request.greetings])
        with failures():
            answer = await self._desk.write(
                tenant_id, request.request_id, wanted, request.expected_version
            )
        if answer.wrong:
            field, text = answer.wrong[0]
            raise RpcFailure(
                Code.FIELD_INVALID, f"{field}: {text}", field=field, violations=answer.wrong
            )
        return pb.SetGreetingsResponse(
            outcome=f"GREETINGS_OUTCOME_{answer.outcome}",
            greetings=[_write(one) for one in answer.stored.greetings],
            version=answer.stored.version,
        )

    async def GetGreetings(  # noqa: N802
        self, _request: pb.GetGreetingsRequest, _context: Any
    ) -> pb.GetGreetingsResponse:
        """The tenant's own."""
        tenant_id = authorize(*_WRITERS, Role.SERVICE).tenant_id
        with failures():
            stored = await self._desk.read(tenant_id)
        return pb.GetGreetingsResponse(
            greetings=[_write(one) for one in stored.greetings], version=stored.version
        )

    async def GreetCustomer(  # noqa: N802
        self, request: pb.GreetCustomerRequest, _context: Any
    ) -> pb.GreetCustomerResponse:
        """Errors: CUSTOMER_NOT_FOUND."""
        if request.customer_id:
            caller = authorize_for(request.customer_id, "customer_id", *USERS)
        else:
            caller = authorize(*READERS)
        with failures():
            said = await self._desk.greet(caller.tenant_id, request.customer_id, request.language)
        return pb.GreetCustomerResponse(
            text=said.text, language=said.language, greeting_id=said.greeting_id
        )


def _read(message: pb.Greeting) -> Greeting:
    return Greeting(
        greeting_id=message.greeting_id,
        texts=tuple(sorted(message.texts.items())),
        tiers=tuple(message.tier_ids),
        segments=tuple(message.segment_ids),
        birthday=message.birthday,
        from_minute=message.from_minute,
        until_minute=message.until_minute,
    )


def _write(greeting: Greeting) -> pb.Greeting:
    return pb.Greeting(
        greeting_id=greeting.greeting_id,
        texts=dict(greeting.texts),
        tier_ids=greeting.tiers,
        segment_ids=greeting.segments,
        birthday=greeting.birthday,
        from_minute=greeting.from_minute,
        until_minute=greeting.until_minute,
    )
