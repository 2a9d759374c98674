"""One profile service for all tests of products; each has products and customers of its own."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator

import pytest
from dangol_dev.processes import free_port
from dangol_service_kit.client import connect
from grpc_health.v1 import health_pb2, health_pb2_grpc
from profile_service.__main__ import serve
from profile_service.config import ProfileConfig
from pymongo import AsyncMongoClient

from tests.integration.profile.harness import ISSUER, FakeSegmentation, Keys, Platform
from tests.integration.profile.products.shelf import Shelf
from tests.integration.profile.products.unserved import Unserved, unserved


@pytest.fixture(scope="session")
async def running(keys: Keys, mongodb_uri: str) -> AsyncIterator[tuple[Platform, ProfileConfig]]:
    """The service, serving, with its tenants."""
    database_name = f"products_{uuid.uuid4().hex}"
    segmentation = FakeSegmentation()
    await segmentation.start()
    settings = ProfileConfig(
        listen=f"127.0.0.1:{free_port()}",
        auth_jwks_file=keys.directory / "jwks.json",
        auth_issuer=ISSUER,
        auth_audience=ISSUER,
        service_key_file=keys.directory / "profile.pem",
        master_key_file=keys.directory / "master.key",
        mongodb_uri=mongodb_uri,
        mongodb_database=database_name,
        segmentation_target=f"127.0.0.1:{segmentation.port}",
        drain_seconds=0.1,
        erasure_settle_seconds=0.5,
    )
    stop = asyncio.Event()
    serving = asyncio.create_task(serve(settings, stop))
    channel = connect(settings.listen)
    mongodb: AsyncMongoClient[dict[str, object]] = AsyncMongoClient(mongodb_uri)
    probe = health_pb2_grpc.HealthStub(channel)
    await probe.Check(health_pb2.HealthCheckRequest(), wait_for_ready=True, timeout=60)
    platform = Platform(keys, segmentation, settings.listen, mongodb[database_name], channel)
    await platform.create_tenants()
    yield platform, settings
    stop.set()
    await serving
    await channel.close()
    await mongodb.drop_database(database_name)
    await mongodb.close()
    await segmentation.stop()


@pytest.fixture
def shelf(running: tuple[Platform, ProfileConfig]) -> Shelf:
    """A caller of ProductService."""
    return Shelf(running[0])


@pytest.fixture
def settings(running: tuple[Platform, ProfileConfig]) -> ProfileConfig:
    """The running service's configuration."""
    return running[1]


@pytest.fixture
async def shop(settings: ProfileConfig, database_name: str) -> AsyncIterator[Unserved]:
    """Parts of a shop that nothing but the test works on."""
    async with unserved(settings, database_name) as made:
        yield made
