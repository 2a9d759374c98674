"""A real profile service over a real MongoDB, with a hand-written segmentation server beside it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from dangol_cli.keys import create_keys
from dangol_dev.processes import free_port
from dangol_service_kit.client import connect
from grpc_health.v1 import health_pb2, health_pb2_grpc
from profile_service.__main__ import serve
from profile_service.config import ProfileConfig
from pymongo import AsyncMongoClient

from tests.integration.profile.harness import ISSUER, FakeSegmentation, Keys, Platform


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    """Key files shared by all tests of this service."""
    directory: Path = tmp_path_factory.mktemp("keys")
    create_keys(directory)
    return Keys(directory)


@pytest.fixture
async def segmentation() -> AsyncIterator[FakeSegmentation]:
    """A listening fake."""
    fake = FakeSegmentation()
    await fake.start()
    yield fake
    fake.release.set()
    await fake.stop()


@pytest.fixture
def settings(
    keys: Keys, segmentation: FakeSegmentation, mongodb_uri: str, database_name: str
) -> ProfileConfig:
    """The configuration of the service under test."""
    return ProfileConfig(
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
    )


@pytest.fixture
async def platform(
    keys: Keys, segmentation: FakeSegmentation, settings: ProfileConfig
) -> AsyncIterator[Platform]:
    """The service, serving, with its tenants."""
    stop = asyncio.Event()
    serving = asyncio.create_task(serve(settings, stop))
    channel = connect(settings.listen)
    mongodb: AsyncMongoClient[dict[str, object]] = AsyncMongoClient(settings.mongodb_uri)
    probe = health_pb2_grpc.HealthStub(channel)
    await probe.Check(health_pb2.HealthCheckRequest(), wait_for_ready=True, timeout=30)
    database = mongodb[settings.mongodb_database]
    made = Platform(keys, segmentation, settings.listen, database, channel)
    await made.create_tenants()
    yield made
    stop.set()
    await serving
    await channel.close()
    await mongodb.close()
