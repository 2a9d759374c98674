"""Clients of members' points and of codes: they earn, spend and give more than there may be."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Sequence
from random import Random
from typing import Any, NamedTuple

from dangol.events.v1.event_pb2 import Money
from dangol.offers.v1 import code_service_pb2 as codes
from dangol.offers.v1 import points_service_pb2 as points
from dangol_service_kit.auth import Role

from tests.integration.offers.chaos.platform import Platform
from tests.integration.offers.chaos.sending import Sender
from tests.integration.offers.judging.history import Call, History

# Few, so that clients meet on the same purses; each has less than its orders ask for.
_HOT_MEMBERS = 8
_EARNED_WON = (1_000, 30_000)
_ASKED_POINTS = (20, 400)
# Some end while the run goes on.
_HOLD_SECONDS = (2, 900)
_GIFT_SECONDS = (2, 86_400)
_STEPS = (
    *("earn", "hold_points", "hold_points", "spend_points", "spend_points", "release_points"),
    *("give_points", "claim_points", "claim_points", "cancel_points"),
    *("claim_code", "claim_code", "claim_code"),
)


class Gift(NamedTuple):
    """A gift of points as its giver was told of it."""

    gift_id: str
    token: str
    giver: str


class PurseTraffic:
    """Runs clients until it is told to stop; who claims a code is told to nobody else."""

    def __init__(self, platform: Platform, all_codes: Sequence[str], seed: int) -> None:
        self.history = History()
        self._members = platform.members
        self._codes = all_codes
        self._random = Random(seed)
        self._sender = Sender(platform, self.history, self._random)
        self._gifts: list[Gift] = []
        self._orders: dict[str, list[str]] = {}
        self._stopped = False

    def stop(self) -> None:
        """Clients end after the call that they are in."""
        self._stopped = True

    async def run(self, client_count: int) -> None:
        """Returns once every client has ended."""
        async with asyncio.TaskGroup() as group:
            for _ in range(client_count):
                group.create_task(self._client())

    async def _client(self) -> None:
        while not self._stopped:
            call = self._choose()
            request = _WRITERS[call.step](call, self._random)
            answer = await self._sender.until_answered(call, request, Role.PARTNER)
            if answer is not None and call.applied:
                self._learn(call, answer)

    def _choose(self) -> Call:
        step = self._random.choice(_STEPS)
        if step in {"claim_points", "cancel_points"} and not self._gifts:
            step = "earn"
        call = Call(step, "", str(uuid.uuid4()), who=self._random.choice(self._someone()))
        call.coupon_id = f"p_{call.who}"
        if step == "claim_code":
            # One code after the other, each by several members at once.
            latest = len(self.history.calls) // 12
            first = min(latest, len(self._codes) - 1)
            call.gift_id = self._codes[self._random.randint(max(0, first - 3), first)]
            call.who = self._random.choice(self._members)
            call.coupon_id = call.gift_id
        elif step in {"claim_points", "cancel_points"}:
            gift = self._random.choice(self._gifts[-20:])
            call.gift_id, call.token = gift.gift_id, gift.token
            call.coupon_id = f"p_{gift.giver}"
            call.who = gift.giver if step == "cancel_points" else call.who
        elif step in {"spend_points", "release_points"} and self._orders.get(call.who):
            call.order_id = self._random.choice(self._orders[call.who][-3:])
        else:
            call.order_id = f"order-{uuid.uuid4().hex}"
        return call

    def _someone(self) -> Sequence[str]:
        return self._members[:_HOT_MEMBERS] if self._random.random() < 0.7 else self._members

    def _learn(self, call: Call, answer: Any) -> None:
        if call.step == "give_points":
            self._gifts.append(Gift(answer.gift.gift_id, answer.token, call.who))
            call.gift_id = answer.gift.gift_id
        elif call.step == "hold_points":
            self._orders.setdefault(call.who, []).append(call.order_id)
        elif call.step == "claim_code":
            call.answered = answer.coupon.coupon_id


def _earn(call: Call, random: Random) -> Any:
    won = random.randrange(*_EARNED_WON, 1_000)
    return points.EarnPointsRequest(
        request_id=call.request_id,
        customer_id=call.who,
        order_id=call.order_id,
        net_amount=Money(currency_code="KRW", minor_units=won),
    )


def _hold(call: Call, random: Random) -> Any:
    return points.HoldPointsRequest(
        request_id=call.request_id,
        customer_id=call.who,
        order_id=call.order_id,
        points=random.randint(*_ASKED_POINTS),
        hold_seconds=random.choice(_HOLD_SECONDS),
    )


def _spend(call: Call, _random: Random) -> Any:
    return points.SpendPointsRequest(
        request_id=call.request_id, customer_id=call.who, order_id=call.order_id
    )


def _release(call: Call, _random: Random) -> Any:
    return points.ReleasePointsRequest(
        request_id=call.request_id, customer_id=call.who, order_id=call.order_id
    )


def _give(call: Call, random: Random) -> Any:
    return points.OfferPointsGiftRequest(
        request_id=call.request_id,
        giver_customer_id=call.who,
        points=random.randint(*_ASKED_POINTS),
        open_seconds=random.choice(_GIFT_SECONDS),
    )


def _claim(call: Call, _random: Random) -> Any:
    return points.ClaimPointsGiftRequest(
        request_id=call.request_id, token=call.token, claimer_customer_id=call.who
    )


def _cancel(call: Call, _random: Random) -> Any:
    return points.CancelPointsGiftRequest(
        request_id=call.request_id, gift_id=call.gift_id, giver_customer_id=call.who
    )


def _claim_code(call: Call, _random: Random) -> Any:
    return codes.ClaimCodeRequest(
        request_id=call.request_id, code=call.gift_id, customer_id=call.who
    )


_WRITERS: dict[str, Callable[[Call, Random], Any]] = {
    "earn": _earn,
    "hold_points": _hold,
    "spend_points": _spend,
    "release_points": _release,
    "give_points": _give,
    "claim_points": _claim,
    "cancel_points": _cancel,
    "claim_code": _claim_code,
}
