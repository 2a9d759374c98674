"""Real servers for tests: one MongoDB replica set and one Redis for each pytest process.

DANGOL_MONGODB_URI and DANGOL_REDIS_URL point the tests to servers that are already there. The
Redis database is then the one named by the URL plus the number of the pytest worker, and it is
emptied: name one that holds nothing.
"""

import asyncio
import itertools
import os
import re
import tempfile
import uuid
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
import redis
import redis.asyncio
from dangol_dev.redis_cluster import RedisClusterServers
from dangol_dev.servers import MongoServer, RedisServer
from dangol_service_kit.redis_address import parse_address
from hypothesis import settings
from pymongo import AsyncMongoClient
from pymongo.asynchronous.collection import AsyncCollection

_HERE = Path(__file__).parent
_numbers = itertools.count(1)
# Of more documents the collection is dropped: that takes as long as a few thousand deletions.
_DELETED_MAX = 5_000

# How long an example takes says how busy the machine is; what is slow is measured in bench/.
settings.register_profile("dangol", deadline=None)
settings.load_profile("dangol")

# Files that take minutes each. They begin first: one that began last would leave the other
# processes with nothing to do.
_LONG_FILES = (
    "segmentation/machine/test_machine.py",
    "e2e/dev/test_demo.py",
    "offers/machine/test_machine.py",
    "segmentation/machine/test_mutations.py",
    "offers/chaos/test_chaos.py",
    "e2e/rolling/test_rolling.py",
    "segmentation/faults/test_replicas.py",
    "offers/ledger/test_coupon_races.py",
    "offers/ledger/test_gift_races.py",
    "e2e/operations/test_operations.py",
    "charts/test_pods.py",
    "segmentation/faults/test_losses.py",
)


# Where each test process has a platform that runs until the process ends, and that takes a sixth of
# a core while it waits.
_LAST_FOLDER = "tests/integration/gateway/"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first, the last folder last; all others as they were."""

    def rank(item: pytest.Item) -> int:
        path = item.path.as_posix()
        found = [at for at, name in enumerate(_LONG_FILES) if path.endswith(name)]
        return found[0] if found else len(_LONG_FILES) + (_LAST_FOLDER in path)

    items.sort(key=rank)


def _worker_number() -> int:
    digits = re.sub(r"\D", "", os.environ.get("PYTEST_XDIST_WORKER", ""))
    return int(digits or 0)


@pytest.fixture(scope="session")
def server_directory() -> Iterator[Path]:
    """A directory of this pytest process for the servers' data and logs."""
    with tempfile.TemporaryDirectory(prefix="dangol-test-", ignore_cleanup_errors=True) as name:
        yield Path(name)


@pytest.fixture(scope="session")
async def mongodb_uri(server_directory: Path) -> AsyncIterator[str]:
    """The address of a replica set shared by all tests; use `database_name` for your own data."""
    given = os.environ.get("DANGOL_MONGODB_URI")
    if given:
        yield given
        return
    server = MongoServer(server_directory)
    await server.start()
    yield server.url
    server.kill()


@pytest.fixture(scope="session")
async def redis_url(server_directory: Path) -> AsyncIterator[str]:
    """The address of a Redis that is emptied before each test that uses it.

    A fixture of wider scope that keeps a service running must take `redis_server` instead.
    """
    given = os.environ.get("DANGOL_REDIS_URL")
    if given:
        parts = urlsplit(given)
        database = int(parts.path.strip("/") or 0) + _worker_number()
        yield urlunsplit(parts._replace(path=f"/{database}"))
        return
    server = RedisServer(server_directory)
    await server.start()
    yield server.url
    server.kill()


@pytest.fixture(autouse=True)
async def _empty_redis(request: pytest.FixtureRequest) -> None:
    if "redis_url" in request.fixturenames:
        address: str = request.getfixturevalue("redis_url")
        async with redis.asyncio.Redis.from_url(address) as client:
            await client.flushdb()


@pytest.fixture(scope="module")
async def redis_server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RedisServer]:
    """A Redis of this module's own, for tests that kill, restart or empty it."""
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    await server.start()
    yield server
    server.kill()


@pytest.fixture(scope="session")
async def redis_cluster_url(server_directory: Path) -> AsyncIterator[str]:
    """The address of a Redis Cluster of three nodes; whoever uses it empties it first."""
    cluster = RedisClusterServers(server_directory / "cluster")
    await cluster.start()
    yield cluster.url
    cluster.kill()


@pytest.fixture
def any_redis_url(request: pytest.FixtureRequest) -> str:
    """An empty Redis: one server, or a cluster where a parameter of the test asks for it."""
    kind = getattr(request, "param", "one")
    url: str = request.getfixturevalue("redis_cluster_url" if kind == "cluster" else "redis_url")
    address = parse_address(url)
    for seed in address.seeds:
        with redis.Redis.from_url(address.url(*seed)) as client:
            client.flushdb()
    return url


@pytest.fixture(scope="module")
async def mongodb_server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[MongoServer]:
    """A MongoDB of this module's own, for tests that kill or restart it."""
    server = MongoServer(tmp_path_factory.mktemp("mongodb"))
    await server.start()
    yield server
    server.kill()


@pytest.fixture
async def new_database_name(mongodb_uri: str) -> AsyncIterator[str]:
    """A database name for one test that changes collections themselves; dropped after it, as is
    every database whose name starts with it."""
    name = f"test_{next(_numbers)}_{uuid.uuid4().hex[:8]}"
    yield name
    async with AsyncMongoClient[dict[str, object]](mongodb_uri) as client:
        for database in await client.list_database_names():
            if database.startswith(name):
                await client.drop_database(database)


async def _empty(collection: AsyncCollection[dict[str, object]]) -> None:
    if await collection.estimated_document_count() > _DELETED_MAX:
        await collection.drop()
    else:
        await collection.delete_many({})


@pytest.fixture(scope="session")
def _emptied_databases() -> defaultdict[tuple[str, ...], list[str]]:
    return defaultdict(list)


@pytest.fixture
async def database_name(
    request: pytest.FixtureRequest,
    mongodb_uri: str,
    _emptied_databases: defaultdict[tuple[str, ...], list[str]],
) -> AsyncIterator[str]:
    """The name of an empty database, and of empty ones whose names start with it.

    Their collections and indexes may be those of an earlier test of the same service: to make
    them takes longer than most tests.
    """
    emptied = _emptied_databases[request.path.relative_to(_HERE).parts[:2]]
    name = emptied.pop() if emptied else f"test_{next(_numbers)}_{uuid.uuid4().hex[:8]}"
    yield name
    async with AsyncMongoClient[dict[str, object]](mongodb_uri) as client:
        for found in await client.list_database_names():
            if found.startswith(name):
                database = client[found]
                mine = {"name": {"$not": re.compile(r"^system\.")}}
                names = await database.list_collection_names(filter=mine)
                await asyncio.gather(*(_empty(database[one]) for one in names))
    emptied.append(name)
