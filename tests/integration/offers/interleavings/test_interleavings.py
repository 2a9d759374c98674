"""What may come between a request and its answer, each by its name, on real MongoDB.

Claim against return at the same instant: ledger/test_gift_races.py. Failovers: test_failover.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorClient
from offers_service.commit import ContendedError, OutcomeUnknownError
from offers_service.coupon_account import CouponState
from offers_service.coupon_outcomes import CouponOutcome

from tests.integration.offers.interleavings.steps import (
    TENANT,
    Where,
    faults,
    hold,
    issue,
    journal,
    release,
    replica,
)
from tests.integration.offers.machine.faulty import Fate

APPLIED = CouponOutcome.APPLIED


@pytest.fixture
async def mongodb(mongodb_uri: str) -> AsyncIterator[Any]:
    """A client."""
    client: Any = AsyncIOMotorClient(mongodb_uri)
    yield client
    client.close()


async def test_a_retry_after_the_next_request(mongodb: Any, database_name: str) -> None:
    """The answer to the first was lost, others have acted since: it is answered as at first."""
    [coupon_id] = await issue(mongodb, database_name, 1)
    first, accounts = replica(mongodb, database_name)
    other, _ = replica(mongodb, database_name)
    accounts.fates.append(Fate.ANSWER_LOST)
    with pytest.raises(OutcomeUnknownError):
        await first.send(TENANT, hold(coupon_id, "first"))
    for call in (release(coupon_id, "next"), hold(coupon_id, "after", "order-2")):
        assert APPLIED is (await other.send(TENANT, call)).outcome
    for process in (first, other):
        retried = await process.send(TENANT, hold(coupon_id, "first"))
        assert (APPLIED, CouponState.HELD, "order-1", 2) == (
            retried.outcome,
            retried.coupon.state,
            retried.coupon.order,
            retried.coupon.v,
        )
    assert [("hold", "first"), ("release", "next"), ("hold", "after")] == (
        await journal(other, coupon_id)
    )
    assert 0 == await faults(other)


async def test_a_retry_after_the_next_request_when_the_first_never_arrived(
    mongodb: Any, database_name: str
) -> None:
    """Then the next one took what it wanted, and the retry is told so."""
    [coupon_id] = await issue(mongodb, database_name, 1)
    first, accounts = replica(mongodb, database_name)
    other, _ = replica(mongodb, database_name)
    accounts.fates.append(Fate.NOT_SENT)
    with pytest.raises(OutcomeUnknownError):
        await first.send(TENANT, hold(coupon_id, "first"))
    taken = await other.send(TENANT, hold(coupon_id, "next", "order-2"))
    retried = await first.send(TENANT, hold(coupon_id, "first"))
    assert [APPLIED, CouponOutcome.HELD_BY_OTHER_ORDER] == [taken.outcome, retried.outcome]
    assert [("hold", "next")] == await journal(other, coupon_id)


@pytest.mark.parametrize("where", [Where.BEFORE, Where.AFTER])
async def test_a_retry_on_another_replica_before_the_first_ends(
    mongodb: Any, database_name: str, where: Where
) -> None:
    """The first has decided but not written, or written but not heard: one entry, equal answers."""
    [coupon_id] = await issue(mongodb, database_name, 1)
    first, accounts = replica(mongodb, database_name)
    other, _ = replica(mongodb, database_name)
    accounts.where = where
    slow = asyncio.create_task(first.send(TENANT, hold(coupon_id, "same")))
    await accounts.waits.wait()
    retried = await other.send(TENANT, hold(coupon_id, "same"))
    accounts.go.set()
    answers = [(one.outcome, one.coupon) for one in (retried, await slow)]
    assert APPLIED is answers[0][0]
    assert answers[0] == answers[1]
    assert [("hold", "same")] == await journal(other, coupon_id)
    assert 0 == await faults(other)


async def test_a_bad_document_in_a_group(mongodb: Any, new_database_name: str) -> None:
    """The database refuses one write of the group: the others are done, and told so at once."""
    ids = await issue(mongodb, new_database_name, 20)
    process, accounts = replica(mongodb, new_database_name)
    documents = mongodb[new_database_name].accounts
    await documents.update_one({"_id.a": ids[7]}, {"$set": {"bad": True}})
    rule = {"collMod": "accounts", "validator": {"bad": {"$exists": False}}}
    await mongodb[new_database_name].command(rule)
    answers = await asyncio.gather(
        *[process.send(TENANT, hold(coupon_id, f"hold-{coupon_id}")) for coupon_id in ids],
        return_exceptions=True,
    )
    assert isinstance(answers.pop(7), ContendedError)
    assert [APPLIED] * 19 == [getattr(answer, "outcome", answer) for answer in answers]
    assert [] == await journal(process, ids[7])
    assert {("hold", f"hold-{one}") for one in ids if one != ids[7]} == {
        entry for one in ids for entry in await journal(process, one)
    }
    assert 0 == accounts.struck
