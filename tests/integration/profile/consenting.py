"""Calls and readings of the log of consent, for tests."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from dangol.profile.v1 import customer_service_pb2 as pb
from dangol_service_kit.errors import Code, RpcFailure

from tests.integration.profile.harness import OCCURRED_SECONDS, Client, Platform

AT = OCCURRED_SECONDS


def entry(
    channel: str = "email", *, granted: bool = True, at: int | None = AT, **fields: Any
) -> pb.ConsentEntry:
    """A valid entry; at is in seconds, None for the present."""
    made = pb.ConsentEntry(
        **{
            "purpose": "marketing",
            "channel": channel,
            "granted": granted,
            "source": "sign-up form",
            "notice": "privacy-7",
            **fields,
        }
    )
    if at is not None:
        made.decide_time.seconds = at
    return made


async def set_consent(
    client: Client, customer_id: str, *entries: pb.ConsentEntry, request_id: str = ""
) -> pb.SetConsentResponse:
    """SetConsent with a fresh request id unless one is given."""
    request = pb.SetConsentRequest(
        request_id=request_id or str(uuid.uuid4()), customer_id=customer_id, entries=entries
    )
    response: pb.SetConsentResponse = await client.call(client.customers.SetConsent, request)
    return response


async def log_page(client: Client, customer_id: str, **options: Any) -> pb.ListConsentsResponse:
    """One page of the log."""
    request = pb.ListConsentsRequest(customer_id=customer_id, **options)
    response: pb.ListConsentsResponse = await client.call(client.customers.ListConsents, request)
    return response


async def whole_log(
    client: Client, customer_id: str, page_size: int = 500
) -> list[pb.ConsentEntry]:
    """The whole log, page by page."""
    lines: list[pb.ConsentEntry] = []
    token = ""
    while True:
        page = await log_page(client, customer_id, page_size=page_size, page_token=token)
        lines += page.entries
        token = page.next_page_token
        if not token:
            return lines


async def new_customer(platform: Platform, member: str = "m-1") -> str:
    """The id of a customer known by a member number."""
    found = await platform.client().identify(("member", member))
    return found.customer.customer_id


async def refusal(attempt: Any) -> tuple[Code, str | None]:
    """Code and field of a failure."""
    with pytest.raises(RpcFailure) as refused:
        await attempt
    return refused.value.code, refused.value.field


async def all_held(platform: Platform) -> bool:
    """Whether every record is held by its customer and every intent is completed."""
    count = await platform.database.consents.count_documents({"open_ms": {"$gt": 0}})
    return count == 0 and await platform.nothing_open()
