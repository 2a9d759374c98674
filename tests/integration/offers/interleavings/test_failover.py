"""Failover between write and answer: the primary dies with a step that nobody has heard of."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

import pytest
from dangol_dev.mongo_replicas import MongoReplicas
from motor.motor_asyncio import AsyncIOMotorClient
from offers_service.commit import ContendedError, OutcomeUnknownError
from offers_service.coupon_account import CouponAccount, CouponState
from offers_service.coupon_outcomes import CouponOutcome
from pymongo import MongoClient

from tests.integration.offers.budgets.gates import GatedAccounts
from tests.integration.offers.budgets.shop import FACE, BudgetShop
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
# Writes of a hold under a budget: the coupon asks, the budget's line, the coupon is held.
WRITES = 3
pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
async def nodes(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[MongoReplicas]:
    """Three, whose primary may be killed; each test leaves them whole."""
    replicas = MongoReplicas(tmp_path_factory.mktemp("nodes"))
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


async def _until_answered(send: Callable[[], Awaitable[Any]]) -> Any:
    """As a client does: the same request again until there is an answer."""
    while True:
        try:
            return await send()
        except (OutcomeUnknownError, ContendedError):
            await asyncio.sleep(0.05)


async def _retry(process: LedgerReplica, call: Call) -> Any:
    return await _until_answered(lambda: process.send(TENANT, call))


async def _version(
    nodes: MongoReplicas, number: int, coupon_id: str, database: str = DATABASE
) -> int:
    """Of the account on one node, acknowledged by others or not."""

    def read() -> int:
        address = f"mongodb://127.0.0.1:{nodes.ports[number]}/?directConnection=true"
        with MongoClient[dict[str, Any]](address) as client:
            found = client[database].accounts.find_one({"_id.a": coupon_id})
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
    retried = await _retry(other, hold(kept_id, "kept"))
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
    meanwhile = await _retry(other, hold(lost_id, "meanwhile", "order-2"))
    retried = await _retry(first, hold(lost_id, "lost"))
    assert [APPLIED, CouponOutcome.HELD_BY_OTHER_ORDER] == [meanwhile.outcome, retried.outcome]
    nodes.nodes[killed].start()
    await nodes.whole()

    assert [("hold", "kept")] == await journal(first, kept_id)
    assert [("hold", "meanwhile")] == await journal(first, lost_id)
    assert 2 == await _version(nodes, killed, lost_id)
    assert 0 == await faults(other)


class FailoverShop(BudgetShop):
    """Replica 0 answers whoever asks again; each of the others fails at a write of its own."""

    def __init__(self, mongodb: Any, database: Any) -> None:
        super().__init__(mongodb, database)
        self.gates = [GatedAccounts(database) for _ in range(WRITES)]
        self.stores = [self.stores[0], *self.gates]
        self.replicas = [self.start(number) for number in range(1 + WRITES)]

    async def again(self, coupon: CouponAccount, request_id: str) -> CouponOutcome:
        """The request once more, until it is answered."""
        decided = await _until_answered(lambda: self.hold(coupon, request_id))
        outcome: CouponOutcome = decided.outcome
        return outcome


async def test_failover_between_write_and_answer_of_a_budgeted_hold(
    nodes: MongoReplicas, mongodb: Any
) -> None:
    """At each of its three writes. What a majority has is carried on and paid once; what only the
    dead primary had is decided anew, when others have taken the money."""
    shop = FailoverShop(mongodb, mongodb["budgets"])
    await shop.prepare()
    await shop.campaign(money=6 * FACE)
    coupons = await shop.coupons(2 * WRITES + 2)
    kept, lost, meanwhile = coupons[:3], coupons[3:6], coupons[6:]

    for write, coupon in enumerate(kept):
        shop.gates[write].fates.extend([Fate.DONE] * write + [Fate.ANSWER_LOST])
        with pytest.raises(OutcomeUnknownError):
            await shop.hold(coupon, f"kept-{write}", replica=1 + write)
        shop.replicas[1 + write] = shop.start(1 + write)
    killed = await nodes.primary()
    nodes.nodes[killed].kill()
    assert [APPLIED] * WRITES == [
        await shop.again(coupon, f"kept-{write}") for write, coupon in enumerate(kept)
    ]
    nodes.nodes[killed].start()
    await nodes.whole()

    await _lose_writes_of_the_primary(nodes, shop, lost)
    assert [APPLIED, APPLIED] == [await shop.again(one, f"on-{one.key.a}") for one in meanwhile]
    exhausted = CouponOutcome.BUDGET_EXHAUSTED
    # Of the last one the budget's line was kept: only the coupon's answer is gone.
    assert [exhausted, exhausted, APPLIED] == [
        await shop.again(coupon, f"lost-{write}") for write, coupon in enumerate(lost)
    ]
    states = [(await shop.stored(coupon)).state for coupon in coupons]
    held, available = CouponState.HELD, CouponState.AVAILABLE
    assert [held] * 3 + [available, available, held] + [held] * 2 == states
    assert (6 * FACE, 0, 0) == await shop.use()
    await shop.check()


async def _lose_writes_of_the_primary(
    nodes: MongoReplicas, shop: FailoverShop, coupons: Sequence[CouponAccount]
) -> None:
    """Each hold comes to a write of its own that only the primary gets, which then dies."""
    alone = []
    for write, coupon in enumerate(coupons):
        shop.gates[write].hold_up(write, sent=False)
        sent = shop.hold(coupon, f"lost-{write}", replica=1 + write)
        alone.append(asyncio.create_task(sent))
        await shop.gates[write].arrived.wait()
    killed = await nodes.primary()
    followers = [node for number, node in enumerate(nodes.nodes) if number != killed]
    for node in followers:
        node.kill()
    for gate in shop.gates:
        gate.go_on()
    [stripe] = await asyncio.to_thread(_stripes_of, nodes, killed)
    asked = {coupons[0].key.a: 2, coupons[2].key.a: 3, stripe[0]: stripe[1] + 1}
    # A primary without followers steps down after two seconds, and then ends the calls by itself.
    while not all(task.done() for task in alone):
        versions = [await _version(nodes, killed, name, "budgets") for name in asked]
        if all(there >= wanted for there, wanted in zip(versions, asked.values(), strict=True)):
            break
        await asyncio.sleep(0.01)
    nodes.nodes[killed].kill()
    for node in followers:
        node.start()
    failed = await asyncio.gather(*alone, return_exceptions=True)
    assert [OutcomeUnknownError] * WRITES == [type(one) for one in failed]
    nodes.nodes[killed].start()
    await nodes.whole()
    shop.replicas[1:] = [shop.start(1 + write) for write in range(WRITES)]


def _stripes_of(nodes: MongoReplicas, number: int) -> list[tuple[str, int]]:
    """The budget's accounts on one node, with their versions."""
    address = f"mongodb://127.0.0.1:{nodes.ports[number]}/?directConnection=true"
    with MongoClient[dict[str, Any]](address) as client:
        found = client["budgets"].accounts.find({"kind": "budget"})
        return [(one["_id"]["a"], int(one["v"])) for one in found]
