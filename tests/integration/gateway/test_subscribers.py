"""Many subscribers at once: each gets every change once and in order, from bounded memory."""

from typing import Any

import pytest

from bench.subscribers import SETTLED_SECONDS, watch


async def test_every_subscriber_gets_every_change_once_in_order(frontend: Any) -> None:
    """20 subscribers, 100 changes a second for 5 s; as segmentation itself tells of them."""
    outcome = await watch(frontend.stack, frontend.tenant, subscribers=20, seconds=5)
    assert len(set(outcome.announced)) == 500
    assert outcome.exact_count == 20


@pytest.mark.deep
@pytest.mark.timeout(900)
async def test_200_subscribers_for_a_minute_need_no_more_memory(frontend: Any) -> None:
    """100 changes a second: at the end the gateway is at most a tenth larger than after 10 s."""
    outcome = await watch(frontend.stack, frontend.tenant)
    assert SETTLED_SECONDS == 10
    assert len(set(outcome.announced)) == 6_000
    assert outcome.exact_count == 200
    assert outcome.last_bytes <= 1.1 * outcome.settled_bytes
