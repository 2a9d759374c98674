"""A shop of two replicas with nothing in it."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient

from tests.integration.offers.budgets.shop import BudgetShop


@pytest.fixture
async def shop(mongodb_uri: str, database_name: str) -> AsyncIterator[BudgetShop]:
    """A shop with its offers; campaigns are the tests'."""
    mongodb: Any = AsyncIOMotorClient(mongodb_uri, maxPoolSize=32)
    made = BudgetShop(mongodb, mongodb[database_name])
    await made.prepare()
    yield made
    for replica in made.replicas:
        await replica.group.close()
    mongodb.close()
