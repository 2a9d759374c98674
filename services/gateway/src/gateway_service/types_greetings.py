"""What a page says first to whoever opens it."""

from __future__ import annotations

import strawberry
from dangol.offers.v1 import greeting_service_pb2 as pb

from gateway_service.context import Context
from gateway_service.types_common import Int64, LocalizedText, to_texts


@strawberry.type(description="What to say to whoever opens the page.")
class Greeting:
    """Rendered by offers, in the reader's language."""

    text: str = strawberry.field(description="Plain text; it may hold the customer's name.")
    language: str = strawberry.field(description="The language that it is in.")
    rule_id: strawberry.ID = strawberry.field(
        description="Which of the shop's greetings fitted; a ready one begins with ready:."
    )


@strawberry.type(description="One of the shop's greetings. All that is said has to hold.")
class GreetingRule:
    """The one that fits first is taken."""

    id: strawberry.ID = strawberry.field(description="Its name.")
    texts: list[LocalizedText] = strawberry.field(
        description="By language; {{ customer_name }} and {{ tier_name }} stand for what they say."
    )
    tier_ids: list[strawberry.ID] = strawberry.field(description="Customers of one of these tiers.")
    segment_ids: list[strawberry.ID] = strawberry.field(
        description="Members of one of these segments."
    )
    birthday: bool = strawberry.field(description="On the customer's birthday.")
    from_minute: int = strawberry.field(
        description="From this minute of the reader's day, before untilMinute; equal: all day."
    )
    until_minute: int = strawberry.field(description="See fromMinute.")


@strawberry.type(description="The shop's own greetings.")
class GreetingRules:
    """None until some were written: then the ready ones are said."""

    version: Int64 = strawberry.field(description="Send it back when changing them.")
    rules: list[GreetingRule] = strawberry.field(description="The one that fits first is taken.")


def to_rules(message: pb.GetGreetingsResponse | pb.SetGreetingsResponse) -> GreetingRules:
    """Greetings as frontends see them."""
    return GreetingRules(
        version=Int64(message.version),
        rules=[
            GreetingRule(
                id=strawberry.ID(one.greeting_id),
                texts=to_texts(dict(one.texts)),
                tier_ids=[strawberry.ID(tier) for tier in one.tier_ids],
                segment_ids=[strawberry.ID(segment) for segment in one.segment_ids],
                birthday=one.birthday,
                from_minute=one.from_minute,
                until_minute=one.until_minute,
            )
            for one in message.greetings
        ],
    )


async def load_rules(context: Context) -> GreetingRules:
    """The tenant's own. Raises RpcFailure."""
    method = context.clients.greetings.GetGreetings
    answer = await context.call(method, pb.GetGreetingsRequest())
    return to_rules(answer)


async def greet(context: Context, customer_id: str, language: str | None) -> Greeting:
    """A customer, or with no id a guest. Raises RpcFailure."""
    request = pb.GreetCustomerRequest(customer_id=customer_id, language=language or "")
    answer = await context.call(context.clients.greetings.GreetCustomer, request)
    return Greeting(
        text=answer.text, language=answer.language, rule_id=strawberry.ID(answer.greeting_id)
    )
