"""Which intents the relay takes, and when."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from profile_service import store
from profile_service.relay import OPEN_MAX_MS
from profile_service.store_intents import IntentStore

NOW_MS = 1_700_000_000_000


@pytest.fixture
async def intents(mongodb_uri: str, database_name: str) -> AsyncIterator[IntentStore]:
    """A store of intents of its own."""
    client = store.connect(mongodb_uri)
    database = store.open_database(client, database_name)
    await store.set_up(database)
    yield IntentStore(database)
    client.close()


async def test_an_intent_is_taken_after_ten_seconds_and_again_after_ten_more(
    intents: IntentStore,
) -> None:
    """While one relay is at work on it, others leave it alone."""
    opened = await intents.open("shop", ["u_1"], NOW_MS)
    taken_at = []
    for seconds in range(0, 31, 5):
        now_ms = NOW_MS + seconds * 1000
        if await intents.lease(now_ms - OPEN_MAX_MS, now_ms, 10):
            taken_at.append(seconds)
    assert [10, 20, 30] == taken_at
    await intents.complete([opened])
    assert [] == await intents.lease(NOW_MS * 2, NOW_MS * 2, 10)


async def test_an_intent_that_its_writer_left_is_taken_at_once(intents: IntentStore) -> None:
    """And says that it was left, so that it may be completed however young it is."""
    opened = await intents.open("shop", ["u_1", "u_2"], NOW_MS)
    await intents.leave([opened])
    taken = await intents.lease(NOW_MS - OPEN_MAX_MS, NOW_MS, 10)
    assert [(opened.intent_id, ("u_1", "u_2"), True)] == [
        (one.intent_id, one.customer_ids, one.left) for one in taken
    ]


async def test_a_completed_intent_cannot_be_left_open_again(intents: IntentStore) -> None:
    """Whatever order the relay and the writer end in."""
    opened = await intents.open("shop", ["u_1"], NOW_MS)
    await intents.complete([opened])
    await intents.leave([opened])
    assert [] == await intents.open_of_tenant("shop", 10)


async def test_the_backlog_is_what_is_open_however_often_it_was_taken(
    intents: IntentStore,
) -> None:
    """Its age counts from the first write, not from the relay's last look."""
    assert (0, 0) == await intents.backlog()
    first = await intents.open("shop", ["u_1"], NOW_MS)
    second = await intents.open("mall", ["u_2"], NOW_MS + 5_000)
    await intents.leave([second])
    await intents.lease(NOW_MS + 60_000, NOW_MS + 90_000, 10)
    assert (2, NOW_MS) == await intents.backlog()
    await intents.complete([first])
    assert (1, NOW_MS + 5_000) == await intents.backlog()


async def test_setting_the_database_up_again_changes_nothing(
    mongodb_uri: str, database_name: str
) -> None:
    """As every start of a process does."""
    client = store.connect(mongodb_uri)
    database = store.open_database(client, database_name)
    await store.set_up(database)
    first = {
        name: await database[name].index_information()
        for name in await database.list_collection_names()
    }
    await store.set_up(database)
    second = {
        name: await database[name].index_information()
        for name in await database.list_collection_names()
    }
    assert first == second
    client.close()
