"""Clients of both replicas: tills, members and givers who meet on the same coupons."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping
from random import Random
from typing import Any

from dangol_service_kit.auth import Role

from tests.integration.offers.chaos.platform import Platform
from tests.integration.offers.chaos.requests import Belief, write_request
from tests.integration.offers.chaos.sending import Sender
from tests.integration.offers.judging.history import Call, History

_HOT_SHARE = 0.3
_HOT_COUNT = 24


class Traffic:
    """Runs clients until it is told to stop."""

    def __init__(self, platform: Platform, owners: Mapping[str, str], seed: int) -> None:
        self.history = History()
        self._platform = platform
        self._coupon_ids = sorted(owners)
        self._beliefs = {coupon_id: Belief(owner) for coupon_id, owner in owners.items()}
        self._random = Random(seed)
        self._sender = Sender(platform, self.history, self._random)
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
            hot = self._random.random() < _HOT_SHARE
            among = self._coupon_ids[:_HOT_COUNT] if hot else self._coupon_ids
            coupon_id = self._random.choice(among)
            await self._step(coupon_id, self._beliefs[coupon_id])

    async def _step(self, coupon_id: str, belief: Belief) -> None:
        step = self._choose(belief)
        call = Call(step=step, coupon_id=coupon_id, request_id=str(uuid.uuid4()))
        request = write_request(call, belief, self._platform.members, self._random)
        role = Role.ADMIN if call.step == "revoke" else Role.PARTNER
        answer = await self._sender.until_answered(call, request, role)
        if answer is not None:
            self._learn(call, belief, answer)

    def _choose(self, belief: Belief) -> str:
        """Mostly what makes sense, sometimes anything."""
        anything = ["hold", "redeem", "release", "reverse", "gift"]
        if belief.gift_id:
            anything += ["claim", "cancel"]
        sensible = {
            "available": ["hold", "hold", "hold", "gift"],
            "held": ["redeem", "redeem", "release", "hold"],
            "redeemed": ["reverse"],
            # Of another client's gift no token may be known yet.
            "escrowed": ["claim", "claim", "cancel"] if belief.gift_id else ["redeem"],
            "revoked": ["hold"],
        }
        if self._random.random() < 0.002:
            return "revoke"
        wild = self._random.random() < 0.25
        return self._random.choice(anything if wild else sensible[belief.place])

    def _learn(self, call: Call, belief: Belief, answer: Any) -> None:
        if not call.applied:
            # Somebody else was there in between: what is believed is old.
            self._forget(belief, call.outcome)
            return
        belief.place = {
            "hold": "held",
            "redeem": "redeemed",
            "gift": "escrowed",
            "revoke": "revoked",
        }.get(call.step, "available")
        belief.order_id = call.order_id if belief.place in {"held", "redeemed"} else ""
        if call.step == "gift":
            belief.gift_id, belief.token = answer.gift.gift_id, answer.token
            belief.giver = call.who
        if call.step in {"hold", "redeem", "release", "reverse"}:
            belief.owner = answer.coupon.customer_id
        if call.step == "claim":
            belief.owner = call.who

    def _forget(self, belief: Belief, outcome: str) -> None:
        places = {
            "ALREADY_REDEEMED": "redeemed",
            "HELD_BY_OTHER_ORDER": "held",
            "IN_ESCROW": "escrowed",
            "NOT_HELD": "available",
            "REVOKED": "revoked",
        }
        belief.place = places.get(outcome, belief.place)
        if outcome in {"NOT_OWNER", "ALREADY_CLAIMED"}:
            belief.owner = ""
