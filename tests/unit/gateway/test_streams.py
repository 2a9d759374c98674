"""Operations that answer more than once: what is kept of an answer that was given."""

import asyncio
import gc
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from typing import Any

from dangol.events.v1.membership_pb2 import CHANGE_KIND_ENTERED
from dangol.events.v1.membership_pb2 import MembershipChange as Told
from dangol_service_kit.auth import Caller, Role
from gateway_service.context import Context
from gateway_service.documents import Documents
from gateway_service.feeds import Begun, Feeds, Item, Shared
from gateway_service.persisted import AutomaticQueries
from gateway_service.schema import make_schema
from gateway_service.streams import Asked, Streams
from gateway_service.types_segments import to_change
from gateway_service.types_streams import MembershipChangeMessage
from graphql.execution.collect_fields import FieldDetails

CALLER = Caller("shop", Role.MARKETER, "mia", (), "token")
EVENT_COUNT = 300
TEXT = "subscription { membershipChanges { resumeToken change { id customerId } } }"


async def changes(
    _token: Callable[[], str], _cursor: str, began: Begun
) -> AsyncIterator[Item[MembershipChangeMessage]]:
    """One customer after another enters, for as long as somebody reads."""
    began()
    for number in itertools.count():
        await asyncio.sleep(0)
        told = Told(customer_id=f"c{number}", segment_id="s", stint=1, kind=CHANGE_KIND_ENTERED)
        told.effective_at.FromMilliseconds(number)
        message = MembershipChangeMessage(
            shared=Shared(str(number)), change=to_change(told), resume_token=str(number)
        )
        yield Item(number, message, str(number))


async def test_a_subscription_keeps_nothing_of_answers_that_it_gave() -> None:
    """As many selections are remembered after 300 answers as after the first: graphql-core 3.3
    would remember those of each for as long as somebody subscribes."""
    documents = Documents(AutomaticQueries(), open_schema=True)
    streams = Streams(make_schema(documents), documents)
    feeds = Feeds()
    feeds.get(("memberships", CALLER.tenant_id), changes)
    # No service is asked for anything, and no token looked at again.
    nobody: Any = None
    context = Context(nobody, nobody, nobody, CALLER, feeds=feeds)
    answers, remembered = 0, []
    async with aclosing(streams.run(context, Asked(TEXT))) as answered:
        async for answer in answered:
            assert not answer.refused, answer.json
            answers += 1
            if answers in (1, EVENT_COUNT):
                remembered.append(sum(type(one) is FieldDetails for one in gc.get_objects()))
            if answers == EVENT_COUNT:
                break
    assert remembered[0] == remembered[1]
