"""Calls that are repeated: which, how often, how long, and with which answer in the end."""

import pytest
from dangol_service_kit.errors import Code, RpcFailure
from dangol_service_kit.retries import Patience, pause_seconds, repeat

# Short pauses, and time for many of them.
HASTY = Patience(total_seconds=30, first_pause_seconds=0.001, longest_pause_seconds=0.002)


class Service:
    """Fails as it is told, one failure a call, then answers."""

    def __init__(self, *failures: RpcFailure) -> None:
        self.calls = 0
        self._failures = list(failures)

    async def ask(self) -> str:
        """One attempt."""
        self.calls += 1
        if self._failures:
            raise self._failures.pop(0)
        return "answered"


def _failure(code: Code, retry_after_ms: int | None = None) -> RpcFailure:
    return RpcFailure(code, "not now", retry_after_ms=retry_after_ms)


async def test_what_passes_is_repeated_until_it_is_answered() -> None:
    """An outage, a service that begins, and a caller that was too quick."""
    passing = (Code.UNAVAILABLE, Code.NOT_READY, Code.TOO_MANY_REQUESTS)
    service = Service(*(_failure(code) for code in passing * 2))
    assert "answered" == await repeat(service.ask, HASTY)
    assert 7 == service.calls


async def test_what_does_not_pass_is_not_repeated() -> None:
    """A batch that is too large is too large again, although it shares a status with those."""
    for code in (Code.FIELD_INVALID, Code.BATCH_TOO_LARGE, Code.DEADLINE_EXCEEDED):
        service = Service(_failure(code))
        with pytest.raises(RpcFailure) as raised:
            await repeat(service.ask, HASTY)
        assert (code, 1) == (raised.value.code, service.calls)


async def test_the_failure_stands_where_waiting_would_take_longer_than_patience() -> None:
    """A server that names a later time than that is not asked again."""
    service = Service(_failure(Code.TOO_MANY_REQUESTS, retry_after_ms=60_000))
    with pytest.raises(RpcFailure) as raised:
        await repeat(service.ask, HASTY)
    assert (Code.TOO_MANY_REQUESTS, 1) == (raised.value.code, service.calls)


async def test_patience_ends() -> None:
    """Of a service that is away for good the last failure is told, after several attempts."""
    service = Service(*(_failure(Code.UNAVAILABLE) for _ in range(10_000)))
    patience = Patience(total_seconds=0.05, first_pause_seconds=0.001, longest_pause_seconds=0.001)
    with pytest.raises(RpcFailure) as raised:
        await repeat(service.ask, patience)
    assert Code.UNAVAILABLE is raised.value.code
    assert 1 < service.calls < 10_000


def test_pauses_double_are_bounded_and_wait_as_long_as_the_server_asks() -> None:
    """Half of each is random."""
    patience = Patience(first_pause_seconds=1, longest_pause_seconds=5)
    assert [1, 2, 4, 5, 5] == [pause_seconds(one, patience, None, 1.0) for one in range(1, 6)]
    assert 0.5 == pause_seconds(1, patience, None, 0.0)
    assert 7.0 == pause_seconds(1, patience, 7_000, 0.5)
