"""One history of the machine: two replicas, one tenant, and what everybody was told."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Collection, Sequence
from functools import partial
from random import Random
from typing import Any

from offers_service.budgets import Terms
from offers_service.campaigns import Campaign, CampaignState
from offers_service.commit import OutcomeUnknownError
from offers_service.coupon_outcomes import CouponOutcome
from offers_service.offers import Offer, Restore
from offers_service.store_campaigns import CampaignStore
from offers_service.store_code_batches import CodeBatchStore
from offers_service.store_merges import MergeStore
from offers_service.store_offers import OfferStore
from offers_service.store_points import ProgramStore

from tests.integration.offers.judging.history import Call, History
from tests.integration.offers.judging.model import CouponModel
from tests.integration.offers.judging.verdict import judge
from tests.integration.offers.machine.faulty import Fate, FaultyAccounts
from tests.integration.offers.machine.purses import Purses
from tests.integration.offers.machine.replica import LedgerReplica

Send = Callable[[LedgerReplica, Call], Awaitable[Any]]
BASE_MS = 1_700_000_000_000
PEOPLE = ("ann", "bob", "cid")
_TRIES_MAX = 6
# Holds and gifts of the machine's last a minute and a half at most.
_LONG_SECONDS = 1_000
_FAILING_SHARE = 0.4
_STATES = {"available", "held", "redeemed", "escrowed", "revoked", "holding"}
FACE = 3_000
# Of every two histories one has a budget: of money for two of its three coupons.
_BUDGETS = (Terms(), Terms(money=2 * FACE, currency="KRW"))
_CAMPAIGN = "list"


class World:
    """What all histories share."""

    def __init__(self, mongodb: Any, database: Any) -> None:
        self.mongodb = mongodb
        self.database = database
        self.offers = OfferStore(database)
        self.campaigns = CampaignStore(database)
        self.opened = 0
        self.stores = [FaultyAccounts(database), FaultyAccounts(database)]

    async def prepare(self) -> None:
        """Collections and indexes."""
        for store in (self.stores[0], self.offers, self.campaigns, MergeStore(self.database)):
            await store.prepare()
        await ProgramStore(self.database).prepare()
        await CodeBatchStore(self.database).prepare()

    def replica(self, number: int) -> LedgerReplica:
        """A process anew, over its store."""
        return LedgerReplica(self.mongodb, self.database, self.stores[number])


class LedgerHistory:
    """A tenant of its own; every step ends with documents, books and chains being right."""

    def __init__(self, world: World) -> None:
        self.tenant_id = f"t-{uuid.uuid4().hex}"
        self.history = History()
        self.now_ms = BASE_MS
        self._world = world
        self._replicas = [world.replica(0), world.replica(1)]
        self._coupon_ids: list[str] = []
        self._moment = 0
        self.purses = Purses(self.tenant_id, PEOPLE)

    async def open(self) -> None:
        """An offer, and a coupon for each person."""
        offer = Offer(
            offer_id="fixed",
            currency="KRW",
            created_ms=BASE_MS,
            fixed_minor_units=FACE,
            giftable=True,
            restore=Restore.RESTORE,
        )
        await self._world.offers.insert(self.tenant_id, offer)
        budget = _BUDGETS[self._world.opened % len(_BUDGETS)]
        self._world.opened += 1
        await self._world.campaigns.create(_campaign(self.tenant_id, budget), "made")
        await self._replicas[0].ledger.issue_many(
            self.tenant_id,
            offer_ids=["fixed"],
            customer_ids=list(PEOPLE),
            campaign_id=_CAMPAIGN,
            actor="admin:test",
            now_ms=BASE_MS,
        )
        self._coupon_ids = sorted(await self._documents("coupon"))
        await self.purses.open(self._replicas[0], BASE_MS)

    async def step(self, random: Random, names: Sequence[str]) -> None:
        """One request for one of the steps named, with failures on its way."""
        coupon_id = random.choice(self._coupon_ids)
        document = (await self._documents("coupon"))[coupon_id]
        known = await self._documents("gift")
        call = _plausible(random, random.choice(names), document, known)
        call.request_id = f"request-{len(self.history.calls)}"
        await self._send(random, self.history, call, partial(_ledger_step, self.tenant_id))
        await self.check()

    async def purse_step(self, random: Random) -> None:
        """One request for points or a code, with failures on its way."""
        call = self.purses.draw(random, await self._documents("points"))
        await self._send(random, self.purses.history, call, self.purses.send)
        await self.check()

    async def repeat(self, random: Random) -> None:
        """An earlier request again: it is answered as before and changes nothing."""
        applied = [call for call in self.history.calls if call.applied]
        if not applied:
            return
        first = random.choice(applied)
        before = await self._at_rest()
        again = Call(first.step, first.coupon_id, first.request_id, first.who, first.order_id)
        again.gift_id, again.began_ms = first.gift_id, self.now_ms
        decided = await random.choice(self._replicas).send(self.tenant_id, again)
        assert "applied" == decided.outcome.value
        assert before is None or before == await self._at_rest()
        await self.check()

    async def change_content(self, random: Random) -> None:
        """An earlier request's id with other content is refused and changes nothing."""
        applied = [call for call in self.history.calls if call.applied and call.order_id]
        if not applied:
            return
        first = random.choice(applied)
        before = await self._at_rest()
        other = Call(first.step, first.coupon_id, first.request_id, first.who, "another-order")
        other.began_ms = self.now_ms
        decided = await random.choice(self._replicas).send(self.tenant_id, other)
        assert "request_conflict" == decided.outcome.value
        assert before is None or before == await self._at_rest()

    async def restart(self, random: Random) -> None:
        """A process ends and another one takes its place."""
        number = random.randrange(2)
        self._replicas[number] = self._world.replica(number)

    async def pass_time(self, seconds: int) -> None:
        """Nothing happens by itself."""
        self.now_ms += seconds * 1_000

    async def sweep(self, random: Random) -> None:
        """What is overdue ends, whatever fails on the way; a second sweep finishes it."""
        replica = random.choice(self._replicas)
        self._draw_fates(random, replica)
        for _ in range(_TRIES_MAX):
            try:
                await self._expire(replica)
            except OutcomeUnknownError:
                continue
            break
        replica.accounts.fates.clear()
        await self._expire(replica)
        await self.check()
        for document in (await self._documents("coupon")).values():
            assert not 0 < document.get("due_ms", 0) <= self.now_ms
            assert not 0 < document.get("settle_ms", 0) <= self.now_ms

    async def _expire(self, replica: LedgerReplica) -> None:
        """What was left in the middle ends first: then nothing overdue is still asking."""
        await replica.group.expire_due(self.tenant_id, self.now_ms)
        await replica.ledger.expire_due(self.tenant_id, self.now_ms)
        await replica.book.expire_due(self.tenant_id, self.now_ms)

    async def _send(self, random: Random, history: History, call: Call, send: Send) -> None:
        """Until it is answered, by either replica, or given up after a failure."""
        self._begin(history, call)
        for _ in range(_TRIES_MAX):
            replica = random.choice(self._replicas)
            self._draw_fates(random, replica)
            try:
                decided = await send(replica, call)
            except OutcomeUnknownError:
                history.lose(call, "unknown")
                if random.random() < 0.3:
                    break
            else:
                self._end(call, decided.outcome.value.upper())
                if decided.outcome is CouponOutcome.BUDGET_EXHAUSTED:
                    assert (await self._budget())[2] < FACE
                break
            finally:
                replica.accounts.fates.clear()

    def _draw_fates(self, random: Random, replica: LedgerReplica) -> None:
        failures = list(Fate)[1:]
        replica.accounts.fates.extend(
            random.choice(failures) if random.random() < _FAILING_SHARE else Fate.DONE
            for _ in range(4)
        )

    def _begin(self, history: History, call: Call) -> None:
        self._moment += 1
        call.began_at, call.began_ms, call.ended_ms = self._moment, self.now_ms, self.now_ms
        history.calls.append(call)

    def _end(self, call: Call, outcome: str) -> None:
        self._moment += 1
        call.ended_at, call.outcome = self._moment, outcome

    async def check(self) -> None:
        """Documents equal their lines' model; what was told stands; books and chains agree."""
        kinds = {kind: await self._documents(kind) for kind in ("coupon", "points", "code")}
        documents = kinds["coupon"]
        verdict = judge(self.history, {name: one["entries"] for name, one in documents.items()})
        assert not verdict.faults, verdict.faults
        faults = self.purses.faults(kinds)
        assert not faults, faults
        for document in documents.values():
            _check_state(document)
        await self._check_budget()
        auditor = self._replicas[0].auditor
        balance = await auditor.balance(self.tenant_id)
        assert (0, 0) == (balance.difference, balance.disagreeing_count)
        verified = [progress async for progress in auditor.verify(self.tenant_id)][-1]
        assert not verified.faults, verified.faults

    async def _at_rest(self) -> dict[str, dict[str, Any]] | None:
        """The coupons, once marks of what budgets have followed are taken off beside the answers;
        None where a step was left in the middle, which whoever comes by carries on."""
        for replica in self._replicas:
            await replica.group.settled()
        documents = await self._documents("coupon")
        return None if any(one.get("owes") for one in documents.values()) else documents

    async def _budget(self) -> tuple[int, int, int]:
        """What of the budget is held, spent and left, by the budget's own accounts."""
        stripes = (await self._documents("budget")).values()
        held = sum(stripe.get("held", 0) for stripe in stripes)
        spent = sum(stripe.get("spent", 0) for stripe in stripes)
        return held, spent, 2 * FACE - held - spent

    async def _check_budget(self) -> None:
        """Never overspent; and what the coupons say, once nothing is left in the middle."""
        held, spent, left = await self._budget()
        assert min(held, spent, left) >= 0
        settled = await self._at_rest()
        if settled is None:
            return
        budgeted = [one for one in settled.values() if one.get("budget")]
        sums = {"held": 0, "redeemed": 0}
        for one in budgeted:
            if one["state"] in sums:
                sums[one["state"]] += one.get("discount", 0)
        assert (sums["held"], sums["redeemed"]) == (held, spent)

    async def close(self) -> None:
        """Long after, and swept once more: gifts are where their coupons say.

        One that is missing was never told of to anybody.
        """
        await self.pass_time(_LONG_SECONDS)
        await self.sweep(Random(0))
        ends = {"claim": "claimed", "cancel": "cancelled", "return": "expired"}
        lines = [
            line
            for coupon in (await self._documents("coupon")).values()
            for line in coupon["entries"]
            if line.get("gift")
        ]
        expected = {line["gift"]: ends[line["kind"]] for line in lines if line["kind"] in ends}
        gifts = {name: gift["state"] for name, gift in (await self._documents("gift")).items()}
        told = {call.request_id for call in self.history.calls if call.applied}
        for line in lines:
            if line["kind"] == "gift" and line["gift"] not in gifts:
                assert line["request"] not in told
                del expected[line["gift"]]
        assert expected == gifts

    async def _documents(self, kind: str) -> dict[str, dict[str, Any]]:
        found = self._world.database["accounts"].find({"_id.t": self.tenant_id, "kind": kind})
        return {one["_id"]["a"]: one async for one in found}


async def _ledger_step(tenant_id: str, replica: LedgerReplica, call: Call) -> Any:
    return await replica.send(tenant_id, call)


def _campaign(tenant_id: str, budget: Terms) -> Campaign:
    return Campaign(
        tenant_id=tenant_id,
        campaign_id=_CAMPAIGN,
        display_names=(),
        trigger=None,
        control_basis_points=0,
        variants=(),
        conversion_window_ms=1,
        state=CampaignState.RUNNING,
        created_at_ms=BASE_MS,
        budget=budget,
    )


def _plausible(random: Random, step: str, document: dict[str, Any], known: Collection[str]) -> Call:
    """A request that may well be right for the coupon as it is; `known` gifts have a token."""
    call = Call(step=step, coupon_id=document["_id"]["a"], request_id="")
    if step in {"hold", "redeem", "release", "reverse"}:
        own = document.get("order", "")
        call.order_id = own if own and random.random() < 0.8 else f"order-{random.randint(1, 2)}"
    given = [line["gift"] for line in document["entries"] if line.get("gift")]
    gifts = [gift for gift in given if gift in known]
    if step in {"claim", "cancel"}:
        if not gifts:
            call.step = step = "gift"
        else:
            call.gift_id = gifts[-1] if random.random() < 0.8 else random.choice(gifts)
    likely = document["owner"] if random.random() < 0.8 else random.choice(PEOPLE)
    call.who = random.choice(PEOPLE) if step == "claim" else likely
    return call


def _check_state(document: dict[str, Any]) -> None:
    model = CouponModel()
    for line in document["entries"]:
        assert model.follow(line) is None
    assert model.place in _STATES
    expected = (model.place, model.owner, model.order_id, model.gift_id, model.due_ms)
    assert model.discount == document.get("discount", 0)
    stored = (
        document["state"],
        document["owner"],
        document.get("order", ""),
        document.get("gift", ""),
        document.get("due_ms", 0),
    )
    assert expected == stored
    assert len(document["entries"]) == document["v"]
