"""Points and codes of the machine's people: steps on the real desks, and what they were told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from offers_service.code_account import code_id
from offers_service.coupon_outcomes import CouponOutcome
from offers_service.journal import Request
from offers_service.points import Earn
from offers_service.points_account import points_account_id
from offers_service.points_gifts import CancelPoints, GivePoints
from offers_service.points_program import Program
from offers_service.points_spending import HoldPoints, SettlePoints
from offers_service.service_codes import Wanted

from tests.integration.offers.judging.history import Call, History
from tests.integration.offers.judging.purses import judge_codes, judge_points
from tests.integration.offers.machine.replica import (
    GIFT_SECONDS,
    HOLD_SECONDS,
    SECRETS,
    LedgerReplica,
)

CODE_CAMPAIGN = "codes"
_CODES = 4
_PROGRAM = Program(
    version=1,
    currency="KRW",
    time_zone="Asia/Seoul",
    points=10,
    per_minor_units=1_000,
    gift_daily_points=1_000_000,
    gift_daily_count=100,
)
_STEPS = (
    *("earn", "hold_points", "spend_points", "spend_points", "release_points"),
    *("give_points", "claim_points", "claim_points", "cancel_points", "claim_code"),
)


class Purses:
    """Of one history. Documents and lines are those of the whole tenant, by account id."""

    def __init__(self, tenant_id: str, people: Sequence[str]) -> None:
        self.history = History()
        self._tenant_id = tenant_id
        self._people = people
        self._batch_id = ""

    async def open(self, replica: LedgerReplica, now_ms: int) -> None:
        """A programme of points and a few codes."""
        await replica.programs.put(self._tenant_id, _PROGRAM)
        request = Request("codes", "admin:test", b"p" * 16)
        wanted = Wanted("fixed", CODE_CAMPAIGN, _CODES, 0, request)
        batch = await replica.codes.begin(self._tenant_id, wanted, now_ms)
        assert not isinstance(batch, CouponOutcome)
        self._batch_id = batch.batch_id
        async for _ in replica.codes.make(self._tenant_id, batch):
            pass

    def draw(self, random: Random, points: Mapping[str, Mapping[str, Any]]) -> Call:
        """A request that may well be right for the purses as they are."""
        call = Call(random.choice(_STEPS), "", f"purse-{len(self.history.calls)}")
        call.who = random.choice(self._people)
        gifts = [
            (line["gift"], line["owner"])
            for account in points.values()
            for line in account["entries"]
            if line["kind"] == "give_points"
        ]
        if call.step in {"claim_points", "cancel_points"} and not gifts:
            call.step = "earn"
        call.coupon_id = points_account_id(call.who)
        if call.step in {"claim_points", "cancel_points"}:
            call.gift_id, giver = random.choice(gifts[-2:])
            call.coupon_id = points_account_id(giver)
            call.who = giver if call.step == "cancel_points" else call.who
        elif call.step == "claim_code":
            number = random.randrange(_CODES)
            call.gift_id = SECRETS.bulk_code(code_id(self._batch_id, number))
        else:
            call.order_id = f"{call.step[:4]}-{len(self.history.calls)}"
            if call.step in {"hold_points", "spend_points", "release_points"}:
                call.order_id = f"order-{random.randint(1, 3)}"
        call.token = str(random.randint(50, 400))
        return call

    async def send(self, replica: LedgerReplica, call: Call) -> Any:
        """The step's decision. Raises what the use cases raise."""
        content = SECRETS.print(call.step, call.who, call.order_id, call.gift_id, call.token)
        asked = Request(call.request_id, "partner:till", content)
        if call.step == "claim_code":
            code = call.gift_id
            claimed = await replica.codes.claim(
                self._tenant_id, code, call.who, asked, call.began_ms
            )
            call.answered = claimed.coupon.key.a if claimed.coupon else ""
            return claimed
        if call.step in {"give_points", "claim_points", "cancel_points"}:
            return await self._send_gift(replica, call, asked)
        return await self._send_order(replica, call, asked)

    async def _send_order(self, replica: LedgerReplica, call: Call, asked: Request) -> Any:
        tenant_id, now_ms, amount = self._tenant_id, call.began_ms, int(call.token)
        if call.step == "earn":
            return await replica.points.earn(
                tenant_id,
                call.who,
                lambda key, owner: Earn(key, asked, owner, call.order_id, amount * 100, "", now_ms),
            )
        if call.step == "hold_points":
            hold = HoldPoints(asked, call.order_id, amount, HOLD_SECONDS, now_ms)
            return await replica.points.hold(tenant_id, call.who, hold)
        settle = SettlePoints(asked, call.order_id, now_ms)
        spends = call.step == "spend_points"
        method = replica.points.spend if spends else replica.points.release
        return await method(tenant_id, call.who, settle)

    async def _send_gift(self, replica: LedgerReplica, call: Call, asked: Request) -> Any:
        tenant_id, now_ms, desk = self._tenant_id, call.began_ms, replica.points_gifts
        if call.step == "give_points":
            give = GivePoints(asked, int(call.token), GIFT_SECONDS, now_ms)
            return await desk.offer(tenant_id, call.who, give)
        if call.step == "claim_points":
            return await desk.claim(tenant_id, SECRETS.token(call.gift_id), asked, call.who, now_ms)
        cancel = CancelPoints(asked, call.gift_id, now_ms)
        return await desk.cancel(tenant_id, call.who, cancel)

    def faults(self, documents: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> list[str]:
        """What is wrong with points and codes. documents: by kind and account id."""
        lines = {
            kind: {name: one["entries"] for name, one in documents[kind].items()}
            for kind in ("points", "code")
        }
        owners = {
            name: one["entries"][0]["owner"]
            for name, one in documents["coupon"].items()
            if one.get("campaign") == CODE_CAMPAIGN
        }
        faults = judge_points(self.history, lines["points"])
        return faults + judge_codes(self.history, lines["code"], owners, _CODES)
