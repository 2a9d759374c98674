"""Change streams as the relay and watchers of wallets read them."""

from contextlib import aclosing
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient
from offers_service.store_streams import changes

COUNT = 100


class CountingStream:
    """Motor's stream, and how often it was asked for a change."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.turns = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    async def try_next(self) -> Any:
        """As Motor's, on a thread of the driver's."""
        self.turns += 1
        return await self._stream.try_next()


async def _numbers(stream: Any, count: int) -> list[tuple[int, Any]]:
    """The documents that were inserted, each with the token after it."""
    found: list[tuple[int, Any]] = []
    async with aclosing(changes(stream)) as each:
        async for change, token in each:
            if change is not None:
                found.append((change["documentKey"]["_id"], token))
            if len(found) == count:
                break
    return found


async def test_what_came_together_is_handed_on_together(
    mongodb_uri: str, database_name: str
) -> None:
    """Every change once and in order, each with a token from which the next one is the first; with
    fewer turns of the driver's threads than changes."""
    client: Any = AsyncIOMotorClient(mongodb_uri)
    database = client[database_name]
    await database.create_collection("things")
    async with database.watch(max_await_time_ms=200, batch_size=COUNT) as stream:
        assert await stream.try_next() is None
        await database.things.insert_many([{"_id": number} for number in range(COUNT)])
        counting = CountingStream(stream)
        found = await _numbers(counting, COUNT)
    assert list(range(COUNT)) == [number for number, _ in found]
    assert counting.turns < COUNT / 2
    for number in (0, COUNT // 2, COUNT - 2):
        async with database.watch(resume_after=found[number][1], max_await_time_ms=200) as stream:
            assert [number + 1] == [next_one for next_one, _ in await _numbers(stream, 1)]
    client.close()
