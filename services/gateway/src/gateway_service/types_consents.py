"""What customers allowed: what holds now, and the log."""

from __future__ import annotations

import datetime as dt

import strawberry
from dangol.profile.v1 import customer_service_pb2 as pb

from gateway_service import convert
from gateway_service.connections import Connection, Page, connect
from gateway_service.context import Context


@strawberry.type(description="Something that a customer allows now.")
class Consent:
    """The newest decision on it is a grant."""

    purpose: str = strawberry.field(
        description="What for: marketing, marketing_night, profiling, or the tenant's own."
    )
    channel: str = strawberry.field(
        description="By which way: email, sms, push, kakao, phone, mail, or the tenant's own."
    )


@strawberry.type(description="One entry of the log of consent. Entries are never changed.")
class ConsentEntry:
    """A decision, and how it was given."""

    purpose: str = strawberry.field(description="What for.")
    channel: str = strawberry.field(description="By which way.")
    granted: bool = strawberry.field(description="False for a withdrawal.")
    decided_at: dt.datetime = strawberry.field(description="When the customer said so.")
    source: str = strawberry.field(description="Where: the form, page, store or call.")
    notice: str | None = strawberry.field(
        description="Which text was shown: the notice's name and version."
    )
    actor: str = strawberry.field(description="Who wrote it down: role and subject.")
    recorded_at: dt.datetime = strawberry.field(description="When it was written.")


def to_consents(names: list[str]) -> list[Consent]:
    """From purpose.channel, in order."""
    parts = [name.partition(".") for name in names]
    return [Consent(purpose=purpose, channel=channel) for purpose, _, channel in parts]


async def load_consent_log(
    context: Context, customer_id: str, first: int | None, after: str | None
) -> Connection[ConsentEntry]:
    """A page of one customer's log. Raises RpcFailure."""

    async def load(page_size: int, page_token: str) -> Page[pb.ConsentEntry]:
        request = pb.ListConsentsRequest(
            customer_id=customer_id, page_size=page_size, page_token=page_token
        )
        answer = await context.call(context.clients.customers.ListConsents, request)
        return Page(answer.entries, answer.next_page_token)

    return await connect(first, after, load, _to_entry)


def _to_entry(message: pb.ConsentEntry) -> ConsentEntry:
    return ConsentEntry(
        purpose=message.purpose,
        channel=message.channel,
        granted=message.granted,
        decided_at=convert.to_required_datetime(message, "decide_time"),
        source=message.source,
        notice=message.notice or None,
        actor=message.actor,
        recorded_at=convert.to_required_datetime(message, "record_time"),
    )
