"""Replicas that start at the same moment: each of them finds its collections, whoever made them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from dangol_service_kit.mongodb import NAMESPACE_EXISTS, create_collections
from motor.motor_asyncio import AsyncIOMotorClient
from offers_service.store_accounts import AccountStore
from offers_service.store_offers import OfferStore
from offers_service.store_relay import RelayStore
from profile_service.store import set_up
from pymongo.errors import CollectionInvalid, OperationFailure
from segmentation_service.store_mongo import prepare_database

Prepare = Callable[[Any], Awaitable[None]]

PREPARED: dict[str, Prepare] = {
    "offers: accounts": lambda database: AccountStore(database).prepare(),
    "offers: offers": lambda database: OfferStore(database).prepare(),
    "offers: relay": lambda database: RelayStore(database).prepare(),
    "profile": set_up,
    "segmentation": prepare_database,
}


class Raced:
    """A database in which another replica is always faster: after the look, before the write."""

    def __init__(self, database: Any, code: int = NAMESPACE_EXISTS) -> None:
        self._database = database
        self._code = code

    async def create_collection(self, name: str, *, check_exists: bool = True) -> None:
        """Fails as the driver does, after the other one has created it."""
        if check_exists and name in await self._database.list_collection_names():
            raise CollectionInvalid
        await self._database.create_collection(name)
        raise OperationFailure("Collection exists", self._code)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)

    def __getitem__(self, name: str) -> Any:
        return self._database[name]


@pytest.fixture
async def database(mongodb_uri: str, new_database_name: str) -> AsyncIterator[Any]:
    """An empty database, as the services open theirs."""
    client: Any = AsyncIOMotorClient(mongodb_uri)
    yield client[new_database_name]
    client.close()


@pytest.mark.parametrize("prepare", PREPARED.values(), ids=PREPARED.keys())
async def test_two_that_start_together_both_start(database: Any, prepare: Prepare) -> None:
    """Neither fails, and neither does one that starts later."""
    await asyncio.gather(prepare(database), prepare(database))
    names = await database.list_collection_names()
    await prepare(database)
    assert set(names) == set(await database.list_collection_names())


@pytest.mark.parametrize("prepare", PREPARED.values(), ids=PREPARED.keys())
async def test_whoever_is_late_starts_all_the_same(database: Any, prepare: Prepare) -> None:
    """The collections appear between any look and the write; indexes are there afterwards."""
    await prepare(Raced(database))
    names = await database.list_collection_names()
    assert names
    indexes = [await database[name].index_information() for name in names]
    assert any(len(found) > 1 for found in indexes)


async def test_what_exists_keeps_its_content(database: Any) -> None:
    """Creating again changes nothing."""
    await create_collections(database, ["a", "b"])
    await database.a.insert_one({"_id": 1})
    await create_collections(database, ["a", "b", "c"])
    assert ["a", "b", "c"] == sorted(await database.list_collection_names())
    assert {"_id": 1} == await database.a.find_one({})


async def test_any_other_failure_is_told(database: Any) -> None:
    """Being refused is not the same as being late."""
    unauthorized = 13
    with pytest.raises(OperationFailure) as raised:
        await create_collections(Raced(database, unauthorized), ["a"])
    assert unauthorized == raised.value.code
