"""Writing the shop's greetings."""

from __future__ import annotations

from typing import Annotated

import strawberry
from dangol.offers.v1 import greeting_service_pb2 as pb

from gateway_service.context import AppInfo
from gateway_service.fields import mutation
from gateway_service.inputs import REQUEST_ID
from gateway_service.outcomes import decided
from gateway_service.results import Refused
from gateway_service.types_common import Int64, LocalizedTextInput, from_texts
from gateway_service.types_greetings import GreetingRules, to_rules


@strawberry.input(description="A greeting. All that is said has to hold.")
class GreetingRuleInput:
    """What is left out fits everybody."""

    greeting_id: strawberry.ID = strawberry.field(description="For example vip-evening.")
    texts: list[LocalizedTextInput] = strawberry.field(
        description="By language; {{ customer_name }} and {{ tier_name }} stand for what they say."
    )
    tier_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Customers of one of these tiers."
    )
    segment_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Members of one of these segments."
    )
    birthday: bool = strawberry.field(default=False, description="On the customer's birthday.")
    from_minute: int = strawberry.field(
        default=0, description="From this minute of the reader's day: 1320 is ten in the evening."
    )
    until_minute: int = strawberry.field(default=0, description="Before this minute.")

    def to_proto(self) -> pb.Greeting:
        """The message."""
        return pb.Greeting(
            greeting_id=str(self.greeting_id),
            texts=from_texts(self.texts),
            tier_ids=[str(tier) for tier in self.tier_ids or ()],
            segment_ids=[str(segment) for segment in self.segment_ids or ()],
            birthday=self.birthday,
            from_minute=self.from_minute,
            until_minute=self.until_minute,
        )


@strawberry.input(description="All of the shop's greetings.")
class SetGreetingsInput:
    """The one that fits first is taken."""

    request_id: strawberry.ID = strawberry.field(description=REQUEST_ID)
    greetings: list[GreetingRuleInput] = strawberry.field(description="At most 50.")
    version: Int64 = strawberry.field(
        default=Int64(0), description="The version that was read; 0 for the first ones."
    )


@strawberry.type(description="The greetings stayed as they were.")
class GreetingsRefused(Refused):
    """Also when a text cannot be read."""


@strawberry.type(description="The greetings were written.")
class SetGreetingsSuccess:
    """Written."""

    greetings: GreetingRules = strawberry.field(description="As they stand.")


SetGreetingsResult = Annotated[
    SetGreetingsSuccess | GreetingsRefused, strawberry.union("SetGreetingsResult")
]


@strawberry.type
class GreetingMutations:
    """The part of Mutation that is about greetings."""

    @mutation("Writes what the shop's pages say first, to whom.")
    async def set_greetings(self, info: AppInfo, input: SetGreetingsInput) -> SetGreetingsResult:
        """Offers' SetGreetings."""
        request = pb.SetGreetingsRequest(
            request_id=str(input.request_id),
            greetings=[one.to_proto() for one in input.greetings],
            expected_version=input.version,
        )
        call = info.context.call(info.context.clients.greetings.SetGreetings, request)
        answer = await decided(call, pb.GreetingsOutcome, GreetingsRefused)
        if isinstance(answer, GreetingsRefused):
            return answer
        return SetGreetingsSuccess(greetings=to_rules(answer))
