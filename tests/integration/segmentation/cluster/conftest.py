"""The store by itself, on one Redis and on a cluster."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from dangol_dev.redis_cluster import RedisClusterServers

from tests.integration.segmentation.cluster.opened import Opened, open_store


@pytest.fixture
async def opened(any_redis_url: str) -> AsyncIterator[Opened]:
    """An open store, every partition of it whole."""
    opened = await open_store(any_redis_url)
    yield opened
    await opened.client.close()


@pytest.fixture
async def nodes(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RedisClusterServers]:
    """A cluster of the test's own, to be stopped and reshaped."""
    cluster = RedisClusterServers(tmp_path_factory.mktemp("cluster"))
    await cluster.start()
    yield cluster
    cluster.kill()
