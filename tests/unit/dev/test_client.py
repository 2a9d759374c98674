"""The demo's client: the same request until it is answered."""

import asyncio
from collections.abc import Awaitable
from typing import Any

import grpc
import pytest
from dangol_dev.client import (
    Client,
    Connection,
    Targets,
    chunks,
    gather_bounded,
    request_id,
)
from dangol_service_kit.errors import RpcFailure
from grpc.aio import AioRpcError, Metadata


class FlakyMethod:
    """Fails as often as told, then echoes; remembers the requests."""

    def __init__(self, failure_count: int, code: grpc.StatusCode) -> None:
        self.requests: list[str] = []
        self._failure_count = failure_count
        self._code = code

    def __call__(self, request: str, /, **_: Any) -> Awaitable[str]:
        return self._answer(request)

    async def _answer(self, request: str) -> str:
        self.requests.append(request)
        if len(self.requests) <= self._failure_count:
            raise AioRpcError(self._code, Metadata(), Metadata())
        return request


@pytest.fixture
async def client() -> Any:
    """A client whose channels never connect."""
    connection = Connection(Targets("127.0.0.1:1", "127.0.0.1:1", "127.0.0.1:1"))
    yield Client(connection, lambda: "token", patience_seconds=5)
    await connection.close()


async def test_an_unavailable_service_is_asked_again_with_the_same_request(client: Client) -> None:
    """A service that is being restarted gets the very same request until it answers."""
    method = FlakyMethod(2, grpc.StatusCode.UNAVAILABLE)
    assert await client.call(method, "request-1") == "request-1"
    assert method.requests == ["request-1"] * 3
    assert client.retry_count == 2


async def test_a_refusal_is_not_repeated(client: Client) -> None:
    """Errors that repeating cannot cure are raised at once."""
    method = FlakyMethod(1, grpc.StatusCode.INVALID_ARGUMENT)
    with pytest.raises(RpcFailure):
        await client.call(method, "request-1")
    assert method.requests == ["request-1"]


async def test_bounded_gathering_keeps_the_order_and_the_bound() -> None:
    """Results come in the arguments' order though at most three run at a time."""
    running = 0
    most = 0

    async def work(number: int) -> int:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1
        return number * 2

    assert await gather_bounded(work, range(20), 3) == [number * 2 for number in range(20)]
    assert most == 3


def test_chunks_cover_everything_once() -> None:
    """The last piece is the shorter one."""
    assert list(chunks([1, 2, 3, 4, 5], 2)) == [[1, 2], [3, 4], [5]]


def test_a_request_id_stands_for_its_parts() -> None:
    """The same parts give the same id in every run; others give another."""
    assert request_id("grocer", "hold", 7) == request_id("grocer", "hold", "7")
    assert request_id("grocer", "hold", 7) != request_id("grocer", "hold", 8)
