"""The timeline over all channels: filters, both directions, pages, bounds."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from dangol.events.v1.event_pb2 import CHANNEL_APP, CHANNEL_STORE, CHANNEL_WEB, Event
from dangol.profile.v1 import customer_service_pb2 as pb
from dangol_service_kit.errors import Code, RpcFailure
from profile_service import store_events

from tests.integration.profile.harness import OCCURRED_SECONDS, Client, Platform, event

ANN, PHONE = ("member", "ann"), ("device", "d-1")
OLDEST, NEWEST = pb.TIMELINE_ORDER_OLDEST_FIRST, pb.TIMELINE_ORDER_NEWEST_FIRST
CHANNELS = (CHANNEL_WEB, CHANNEL_APP, CHANNEL_STORE)


async def _walk(client: Client, customer_id: str, **options: Any) -> list[Event]:
    """All pages; none is larger than asked for."""
    events: list[Event] = []
    token = ""
    while True:
        page = await client.timeline(customer_id, page_token=token, **options)
        assert len(page.events) <= options["page_size"]
        events += page.events
        token = page.next_page_token
        if not token:
            return events


def _some(number: int) -> Event:
    """Three at each instant, over three channels, two stores and two names."""
    channel = CHANNELS[number % 3]
    return event(
        *(ANN if number % 2 else PHONE),
        "purchase" if number % 4 == 0 else "visit",
        at_seconds=OCCURRED_SECONDS + number // 3,
        channel=channel,
        store_id=f"store-{number % 2}" if channel == CHANNEL_STORE else "",
    )


def _at(seconds: int) -> dict[str, int]:
    return {"seconds": OCCURRED_SECONDS + seconds}


FILTERS: list[tuple[dict[str, Any], Any]] = [
    ({}, lambda _: True),
    ({"channels": [CHANNEL_STORE]}, lambda one: one.channel == CHANNEL_STORE),
    ({"channels": [CHANNEL_WEB, CHANNEL_APP]}, lambda one: one.channel != CHANNEL_STORE),
    ({"store_ids": ["store-1", "elsewhere"]}, lambda one: one.store_id == "store-1"),
    (
        {"types": ["purchase"], "channels": [CHANNEL_WEB]},
        lambda one: one.type == "purchase" and one.channel == CHANNEL_WEB,
    ),
    (
        {"start_time": _at(2), "end_time": _at(5)},
        lambda one: 2 <= one.occurred_at.seconds - OCCURRED_SECONDS < 5,
    ),
    (
        {"start_time": _at(3), "channels": [CHANNEL_APP]},
        lambda one: one.occurred_at.seconds - OCCURRED_SECONDS >= 3 and one.channel == CHANNEL_APP,
    ),
    ({"end_time": _at(-5)}, lambda _: False),
]


async def test_every_filter_in_both_directions_gives_each_event_once(platform: Platform) -> None:
    """Pages of two and of a hundred, over all names of the customer."""
    partner = platform.client()
    customer = (await partner.identify(ANN, PHONE)).customer.customer_id
    sent = [_some(number) for number in range(29)]
    await partner.record(*sent)
    in_order = sorted(sent, key=lambda one: (one.occurred_at.seconds, one.event_id))
    for options, wanted in FILTERS:
        expected = [one.event_id for one in in_order if wanted(one)]
        for size in (2, 100):
            up = await _walk(partner, customer, page_size=size, order=OLDEST, **options)
            down = await _walk(partner, customer, page_size=size, order=NEWEST, **options)
            assert expected == [one.event_id for one in up]
            assert expected[::-1] == [one.event_id for one in down]


async def test_one_id_under_two_names_of_a_customer_is_two_entries_on_any_page(
    platform: Platform,
) -> None:
    """They stand at the same place of the order; the border of a page between them loses none."""
    partner = platform.client()
    customer = (await partner.identify(ANN, PHONE)).customer.customer_id
    twin = str(uuid.uuid4())
    await partner.record(
        event(*ANN, event_id=twin), event(*PHONE, event_id=twin), event(*ANN, at_seconds=1)
    )
    for order in (OLDEST, NEWEST):
        seen = await _walk(partner, customer, page_size=1, order=order)
        assert 2 == [one.event_id for one in seen].count(twin)
        assert 3 == len(seen)


async def test_a_rare_channel_is_looked_for_in_a_bounded_number_of_events(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page looks at so many events and may be empty; its token goes on behind them."""
    monkeypatch.setattr(store_events, "_PICKY_CHUNK", 5)
    monkeypatch.setattr(store_events, "_PICKY_MAX", 10)
    partner = platform.client()
    sent = [
        event(*ANN, at_seconds=OCCURRED_SECONDS + number, channel=CHANNEL_WEB)
        for number in range(30)
    ]
    sent[3].channel = CHANNEL_STORE
    await partner.record(*sent)
    customer = (await partner.find(*ANN)).customer_id
    options: dict[str, Any] = {"channels": [CHANNEL_STORE], "page_size": 3}
    first = await partner.timeline(customer, **options)
    assert ([], True) == (list(first.events), bool(first.next_page_token))
    for order in (OLDEST, NEWEST):
        found = await _walk(partner, customer, order=order, **options)
        assert [sent[3].event_id] == [one.event_id for one in found]


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"start_time": _at(5), "end_time": _at(5)}, "end_time"),
        ({"start_time": {"seconds": -1}}, "start_time"),
        ({"channels": [99]}, "channels[0]"),
        ({"store_ids": [""]}, "store_ids[0]"),
        ({"order": 7}, "order"),
        ({"page_size": 501}, "page_size"),
    ],
)
async def test_what_cannot_be_asked_is_refused_by_name(
    platform: Platform, options: dict[str, Any], field: str
) -> None:
    """Spans that end before they start, channels and orders that do not exist."""
    partner = platform.client()
    customer = (await partner.identify(ANN)).customer.customer_id
    with pytest.raises(RpcFailure) as refused:
        await partner.timeline(customer, **options)
    assert (Code.FIELD_INVALID, field) == (refused.value.code, refused.value.field)


async def test_a_token_belongs_to_its_direction(platform: Platform) -> None:
    """The other order refuses it."""
    partner = platform.client()
    await partner.record(*(event(*ANN) for _ in range(3)))
    customer = (await partner.find(*ANN)).customer_id
    page = await partner.timeline(customer, page_size=1)
    with pytest.raises(RpcFailure) as refused:
        await partner.timeline(customer, page_token=page.next_page_token, order=OLDEST)
    assert Code.PAGE_TOKEN_INVALID is refused.value.code
