"""A thousand tamperings by one who knows everything in MongoDB: Verify finds them all."""

import asyncio
import collections
from typing import Any

import pytest
from offers_service.audit import Verification
from offers_service.checkpoints import FaultKind

from tests.integration.offers.ledger.conftest import new_id
from tests.integration.offers.ledger.tamperer import Change, Tamperer

SEED = 20_261_127
TAMPERINGS = 1_000
AT_ONCE = 12


async def _history(shop: Any) -> None:
    """Coupons in every state, with long and short journals, over three checkpoints."""
    await shop.add_offer()
    await shop.issue_list([f"customer-{number}" for number in range(60)])
    for number in range(12):
        order = f"order-{number}"
        used = await shop.used(order_id=order, campaign_id="spring")
        given = (await shop.issue()).coupon.coupon_id
        gift = await shop.gift(given)
        if number % 3 == 0:
            await shop.reverse(used, order_id=order)
        if number % 3 == 1:
            await shop.claim(gift.token)
            await shop.hold(given, customer_id="bob", order_id=order)
        if number % 4 == 0:
            await shop.revoke((await shop.issue()).coupon.coupon_id)
        if number % 5 == 0:
            await shop.parts.audit.taker.take("shop", early=True)
    await shop.parts.audit.taker.take("shop", early=True)


async def _verify(shop: Any) -> Verification:
    progress = Verification()
    faults = []
    async for progress in shop.parts.audit.verifier.tenant("shop"):
        faults += progress.fresh
    assert len(faults) == progress.fault_count
    progress.fresh = faults
    return progress


async def _put(shop: Any, change: Change) -> None:
    for account, document in change.items():
        key = {"t": "shop", "a": account}
        if document is None:
            await shop.accounts.delete_one({"_id": key})
        else:
            await shop.accounts.replace_one({"_id": key}, document, upsert=True)


async def test_a_thousand_tamperings_are_found_and_nothing_else(shop: Any) -> None:
    """Each names its account; when all is undone, nothing is said any more."""
    await _history(shop)
    documents = await shop.accounts.find({"_id.t": "shop"}).to_list(None)
    honest = {each["_id"]["a"]: each for each in documents}
    tamperer = Tamperer(SEED, documents)
    kinds = tamperer.kinds()
    found: collections.Counter[FaultKind] = collections.Counter()
    done = 0
    while done < TAMPERINGS:
        changes: dict[str, Any] = {}
        while len(changes) < AT_ONCE:
            change = kinds[done % len(kinds)]()
            if changes.keys() & change.keys() or change.items() <= honest.items():
                continue
            changes |= change
            done += 1
        await _put(shop, changes)
        verdict = await _verify(shop)
        assert set(changes) == {fault.account for fault in verdict.fresh}
        found.update(fault.kind for fault in verdict.fresh)
        await _put(shop, {account: honest.get(account) for account in changes})
    assert 0 == (await _verify(shop)).fault_count
    of_accounts = [kind for kind in FaultKind if kind.name.startswith("ACCOUNT")]
    assert [] == [kind for kind in of_accounts if found[kind] < TAMPERINGS // 40]


async def _with_note(shop: Any, number: int, change: Any) -> None:
    key = {"t": "shop", "n": number}
    stored = await shop.parts.base.database.checkpoints.find_one({"_id": key})
    await shop.parts.base.database.checkpoints.replace_one({"_id": key}, change(stored))


def _replaced(old: str, new: str) -> Any:
    def change(stored: dict[str, Any]) -> dict[str, Any]:
        assert old in stored["note"]
        return {**stored, "note": stored["note"].replace(old, new, 1)}

    return change


async def _swap_notes(shop: Any) -> None:
    checkpoints = shop.parts.base.database.checkpoints
    one, other = [await checkpoints.find_one({"_id": {"t": "shop", "n": n}}) for n in (2, 3)]
    await _with_note(shop, 2, lambda stored: {**stored, "note": other["note"]})
    await _with_note(shop, 3, lambda stored: {**stored, "note": one["note"]})


async def _edit_leaves(shop: Any, root: bool) -> None:
    """The list says what a tamperer wants it to; also its root, which nobody signed."""
    lists = shop.parts.base.database.checkpoint_lists
    newest = await shop.parts.base.database.checkpoints.find_one({"_id": {"t": "shop", "n": 4}})
    page = await lists.find_one({"_id": {"t": "shop", "l": newest["list"], "p": 0}})
    leaves = bytearray(page["leaves"])
    leaves[-1] ^= 1
    change = {"leaves": bytes(leaves)} | ({"root": b"r" * 32} if root else {})
    await lists.update_one({"_id": page["_id"]}, {"$set": change})


CHECKPOINT_TAMPERINGS = {
    "first removed": lambda shop: shop.parts.base.database.checkpoints.delete_one(
        {"_id": {"t": "shop", "n": 1}}
    ),
    "one in the middle removed": lambda shop: shop.parts.base.database.checkpoints.delete_one(
        {"_id": {"t": "shop", "n": 2}}
    ),
    "newest removed": lambda shop: shop.parts.base.database.checkpoints.delete_one(
        {"_id": {"t": "shop", "n": 4}}
    ),
    "all removed": lambda shop: shop.parts.base.database.checkpoints.delete_many({}),
    "number": lambda shop: _with_note(shop, 3, _replaced("number 3", "number 2")),
    "size": lambda shop: _with_note(shop, 4, _replaced("\nentries ", "\nentries 1")),
    "time": lambda shop: _with_note(shop, 4, _replaced("\ntaken 1", "\ntaken 2")),
    "tenant": lambda shop: _with_note(shop, 1, _replaced("/shop", "/other")),
    "signature": lambda shop: _with_note(
        shop, 4, lambda at: {**at, "note": at["note"][:-9] + "\n"}
    ),
    "no note": lambda shop: _with_note(shop, 4, lambda at: {"_id": at["_id"]}),
    "two swapped": _swap_notes,
    "an older list": lambda shop: _with_note(shop, 4, lambda at: {**at, "list": "other"}),
    "list removed": lambda shop: shop.parts.base.database.checkpoint_lists.delete_many({}),
    "leaf": lambda shop: _edit_leaves(shop, root=False),
    "leaf and root": lambda shop: _edit_leaves(shop, root=True),
}


@pytest.mark.parametrize("tampering", CHECKPOINT_TAMPERINGS)
async def test_tampered_checkpoints_are_found(shop: Any, tampering: str) -> None:
    """And no further checkpoint is taken over them."""
    await shop.add_offer()
    for number in range(4):
        await shop.issue_list([f"customer-{number}"], campaign_id="spring")
        assert number + 1 == (await shop.parts.audit.taker.take("shop", early=True)).number
    assert 0 == (await _verify(shop)).fault_count
    await CHECKPOINT_TAMPERINGS[tampering](shop)  # type: ignore[no-untyped-call]
    kinds = {fault.kind for fault in (await _verify(shop)).fresh}
    assert kinds
    assert kinds <= {FaultKind.CHECKPOINT_MISSING, FaultKind.CHECKPOINT_ALTERED}
    if tampering not in {"first removed", "number", "tenant", "one in the middle removed"}:
        assert await shop.parts.audit.taker.take("shop", early=True) is None


async def test_a_rewritten_account_is_never_signed(shop: Any) -> None:
    """Checkpoints that are taken later hold on to what it was; mended, it goes on."""
    await _history(shop)
    documents = await shop.accounts.find({"kind": "coupon"}).to_list(None)
    honest = {each["_id"]["a"]: each for each in documents}
    tamperer = Tamperer(SEED, documents)
    change: dict[str, Any] = {}
    for tampered in (
        tamperer.rewritten_from_the_start,
        tamperer.tail_cut,
        tamperer.account_removed,
    ):
        change |= tampered()
    await _put(shop, change)
    for _ in range(3):
        await shop.issue(owner="ann", request_id=new_id())
        assert await shop.parts.audit.taker.take("shop", early=True)
    verdict = await _verify(shop)
    assert sorted(change) == sorted(fault.account for fault in verdict.fresh)
    await _put(shop, {account: honest[account] for account in change})
    assert await shop.parts.audit.taker.take("shop", early=True)
    assert 0 == (await _verify(shop)).fault_count


async def test_live_traffic_and_checkpoints_give_no_false_alarm(shop: Any) -> None:
    """Clients act, two replicas take checkpoints, and verifications run, all at once."""
    await shop.add_offer()
    await shop.issue_list([f"customer-{number}" for number in range(1_500)])
    stop = asyncio.Event()
    steps = 0

    async def client(number: int) -> None:
        nonlocal steps
        while not stop.is_set():
            coupon_id = (await shop.issue()).coupon.coupon_id
            order = new_id()
            if number % 2:
                gift = await shop.gift(coupon_id)
                await shop.claim(gift.token)
            else:
                await shop.hold(coupon_id, order_id=order)
                await shop.redeem(coupon_id, order_id=order)
            steps += 3

    async def replica() -> None:
        while not stop.is_set():
            await shop.parts.audit.taker.take("shop", early=True)

    tasks = [asyncio.create_task(client(number)) for number in range(6)]
    tasks += [asyncio.create_task(replica()) for _ in range(2)]
    verdicts = [await _verify(shop) for _ in range(12)]
    stop.set()
    await asyncio.gather(*tasks)
    assert [[]] * 12 == [verdict.faults for verdict in verdicts]
    last = await _verify(shop)
    assert (0, True) == (last.fault_count, steps > 0)
    numbers = await shop.parts.base.database.checkpoints.distinct("_id.n")
    assert list(range(1, len(numbers) + 1)) == sorted(numbers)
    assert len(numbers) > 2
