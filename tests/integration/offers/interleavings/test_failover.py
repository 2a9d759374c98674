"""Failover between write and answer: the primary dies with a step that nobody has heard of."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from dangol_dev.mongo_replicas import MongoReplicas
from motor.motor_asyncio import AsyncIOMotorClient
from offers_service.commit import ContendedError, OutcomeUnknownError
from offers_service.coupon_outcomes import CouponOutcome
from pymongo import MongoClient

from tests.integration.offers.interleavings.steps import (
    TENANT,
    Where,
    faults,
    hold,
    issue,
    journal,
    replica,
)
from tests.integration.offers.judging.history import Call
from tests.integration.offers.machine.faulty import Fate
from tests.integration.offers.machine.replica import LedgerReplica

APPLIED = CouponOutcome.APPLIED
DATABASE = "failover"
pytestmark = pytest.mark.timeout(400)


@pytest.fixture
async def nodes(tmp_path: Path) -> AsyncIterator[MongoReplicas]:
    """Three, whose primary may be killed."""
    replicas = MongoReplicas(tmp_path)
    await replicas.start()
    await replicas.whole()
    yield replicas
    replicas.kill()


@pytest.fixture
async def mongodb(nodes: MongoReplicas) -> AsyncIterator[Any]:
    """A client that repeats nothing by itself."""
    url = f"{nodes.url}&retryWrites=false&serverSelectionTimeoutMS=2000"
    client: Any = AsyncIOMotorClient(url)
    yield client
    client.close()


async def _until_answered(process: LedgerReplica, call: Call) -> Any:
    """As a client does: the same request again until there is an answer."""
    while True:
        try:
            return await process.send(TENANT, call)
        except (OutcomeUnknownError, ContendedError):
            await asyncio.sleep(0.05)


async def _version(nodes: MongoReplicas, number: int, coupon_id: str) -> int:
    """Of the coupon on one node, acknowledged by others or not."""

    def read() -> int:
        address = f"mongodb://127.0.0.1:{nodes.ports[number]}/?directConnection=true"
        with MongoClient[dict[str, Any]](address) as client:
            found = client[DATABASE].accounts.find_one({"_id.a": coupon_id})
            return int(found["v"]) if found else 0

    return await asyncio.to_thread(read)


async def test_failover_between_write_and_answer(nodes: MongoReplicas, mongodb: Any) -> None:
    """What a majority has is kept, and a retry is told so; what only the dead primary had is gone
    for good, and a retry is decided anew, by what happened meanwhile."""
    kept_id, lost_id = await issue(mongodb, DATABASE, 2)
    first, accounts = replica(mongodb, DATABASE)
    other, _ = replica(mongodb, DATABASE)

    accounts.fates.append(Fate.ANSWER_LOST)
    with pytest.raises(OutcomeUnknownError):
        await first.send(TENANT, hold(kept_id, "kept"))
    killed = await nodes.primary()
    nodes.nodes[killed].kill()
    retried = await _until_answered(other, hold(kept_id, "kept"))
    assert (APPLIED, 2) == (retried.outcome, retried.coupon.v)
    nodes.nodes[killed].start()
    await nodes.whole()

    killed = await nodes.primary()
    followers = [node for number, node in enumerate(nodes.nodes) if number != killed]
    accounts.where = Where.BEFORE
    alone = asyncio.create_task(first.send(TENANT, hold(lost_id, "lost")))
    await accounts.waits.wait()
    for node in followers:
        node.kill()
    accounts.go.set()
    # A primary without followers steps down after two seconds, and then ends the call by itself.
    while not alone.done() and await _version(nodes, killed, lost_id) < 2:
        await asyncio.sleep(0.01)
    nodes.nodes[killed].kill()
    for node in followers:
        node.start()
    with pytest.raises(OutcomeUnknownError):
        await alone
    meanwhile = await _until_answered(other, hold(lost_id, "meanwhile", "order-2"))
    retried = await _until_answered(first, hold(lost_id, "lost"))
    assert [APPLIED, CouponOutcome.HELD_BY_OTHER_ORDER] == [meanwhile.outcome, retried.outcome]
    nodes.nodes[killed].start()
    await nodes.whole()

    assert [("hold", "kept")] == await journal(first, kept_id)
    assert [("hold", "meanwhile")] == await journal(first, lost_id)
    assert 2 == await _version(nodes, killed, lost_id)
    assert 0 == await faults(other)
