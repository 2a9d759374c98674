"""A real segmentation service over real MongoDB and Redis, with a hand-written profile server."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from dangol_cli.keys import create_keys
from segmentation_service.config import SegmentationConfig

from tests.integration.segmentation.fake_profile import LAB, SHOP, FakeProfile
from tests.integration.segmentation.harness import ISSUER, Replica, Tenant, run_replica

# What holds on one Redis holds on a cluster.
ON_BOTH = {
    *("test_evaluation", "test_members", "test_overlap", "test_segments"),
    *("test_time", "test_watch"),
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Runs the suites of use cases on one Redis and on a cluster of three nodes."""
    name = metafunc.module.__name__.rpartition(".")[2]
    if name in ON_BOTH and "any_redis_url" in metafunc.fixturenames:
        metafunc.parametrize("any_redis_url", ["one", "cluster"], indirect=True)


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Key files shared by all tests of this service."""
    directory: Path = tmp_path_factory.mktemp("keys")
    create_keys(directory)
    return directory


@pytest.fixture
async def profile() -> AsyncIterator[FakeProfile]:
    """A listening fake."""
    fake = FakeProfile()
    await fake.start()
    yield fake
    await fake.stop()


@pytest.fixture
def settings(
    keys: Path, profile: FakeProfile, mongodb_uri: str, any_redis_url: str, database_name: str
) -> SegmentationConfig:
    """The configuration of the service under test."""
    return make_settings(keys, profile, mongodb_uri, any_redis_url, database_name)


@pytest.fixture
def own_redis_settings(settings: SegmentationConfig, redis_server: object) -> SegmentationConfig:
    """The same with a Redis of the module's own, to be killed and emptied."""
    url: str = redis_server.url  # type: ignore[attr-defined]
    return dataclasses.replace(settings, redis_url=url)


def make_settings(
    keys: Path, profile: FakeProfile, mongodb_uri: str, redis_url: str, database_name: str
) -> SegmentationConfig:
    """A replica's configuration."""
    return SegmentationConfig(
        listen="127.0.0.1:0",
        auth_jwks_file=keys / "jwks.json",
        auth_issuer=ISSUER,
        auth_audience=ISSUER,
        service_key_file=keys / "segmentation.pem",
        master_key_file=keys / "master.key",
        mongodb_uri=mongodb_uri,
        mongodb_database=database_name,
        redis_url=redis_url,
        profile_target=f"127.0.0.1:{profile.port}",
        drain_seconds=0.1,
        tick_seconds=0.02,
        deadline_visibility_seconds=1.0,
    )


@pytest.fixture
async def replica(settings: SegmentationConfig) -> AsyncIterator[Replica]:
    """A serving replica."""
    async with run_replica(settings) as running:
        yield running


@pytest.fixture
def shop(profile: FakeProfile, replica: Replica) -> Tenant:
    """The tenant under wall time."""
    return Tenant(profile, replica, SHOP)


@pytest.fixture
def lab(profile: FakeProfile, replica: Replica) -> Tenant:
    """The tenant under virtual time."""
    return Tenant(profile, replica, LAB)
