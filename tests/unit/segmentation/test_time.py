"""The time by which deadlines are due."""

from __future__ import annotations

import pytest
from segmentation_service.service_time import TrustedTime

HOUR_MS = 3_600_000
SECOND_NS = 1_000_000_000


class Clocks:
    """This machine's two clocks, by hand."""

    def __init__(self) -> None:
        self.wall_ns = 500 * HOUR_MS * 1_000_000
        self.monotonic_ns = 7 * SECOND_NS

    def pass_ns(self, nanoseconds: int) -> None:
        """Both go on."""
        self.wall_ns += nanoseconds
        self.monotonic_ns += nanoseconds


def seen(clocks: Clocks, redis_ms: int = 0, mongodb_ms: int = 0) -> TrustedTime:
    """A time that has seen the two others, each so much ahead."""
    trusted = TrustedTime(lambda: clocks.wall_ns, lambda: clocks.monotonic_ns)
    now_ms = clocks.wall_ns // 1_000_000
    trusted.saw("redis", now_ms + redis_ms)
    trusted.saw("mongodb", now_ms + mongodb_ms)
    return trusted


@pytest.mark.parametrize("jump_ms", [-HOUR_MS, HOUR_MS, -1_000, 86_400_000])
def test_no_single_clock_moves_the_time(jump_ms: int) -> None:
    """This machine's, Redis' and MongoDB's: each may jump, before it is looked at and after."""
    clocks = Clocks()
    for trusted in (seen(clocks, redis_ms=jump_ms), seen(clocks, mongodb_ms=jump_ms)):
        assert clocks.wall_ns == trusted.now_ns()
    trusted = seen(clocks)
    expected = clocks.wall_ns + 3 * SECOND_NS
    clocks.pass_ns(3 * SECOND_NS)
    clocks.wall_ns += jump_ms * 1_000_000
    assert expected == trusted.now_ns()


def test_alone_a_machine_goes_by_its_own_clock() -> None:
    """Until both others were seen there is no majority."""
    clocks = Clocks()
    trusted = TrustedTime(lambda: clocks.wall_ns, lambda: clocks.monotonic_ns)
    assert clocks.wall_ns == trusted.now_ns()
    trusted.saw("redis", 0)
    assert clocks.wall_ns == trusted.now_ns()
