"""What happens to a tenant beyond its customers' events: other rules, and trouble."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping
from random import Random
from typing import Any

import pytest
from dangol_rules import tree
from dangol_rules.rules import format, nodes, parse
from dangol_service_kit.errors import Code, RpcFailure
from segmentation_service.segments import Draft, Outcome, Request

from tests.integration.segmentation.machine.history import History
from tests.integration.segmentation.machine.world import ALL, Replica
from tests.unit.segmentation.histories import make_rule_of

SEGMENTS = ("s0", "s1", "s2", "s3")


class Upheavals(History):
    """A history with changes of rules, restarts and losses."""

    async def found(self, random: Random) -> None:
        """The first segments."""
        for segment_id in SEGMENTS[: random.choice((1, 2, 3))]:
            await self.define(segment_id, random)

    async def edit(self, random: Random) -> None:
        """Some segment is created, changed or deleted."""
        segment_id = random.choice(SEGMENTS)
        if self.unfinished:
            await self.work(random.choice(self.replicas))
        if segment_id in self.model.rules and random.random() < 0.3:
            await self.drop(segment_id, random)
        else:
            await self.define(segment_id, random)

    async def define(self, segment_id: str, random: Random) -> None:
        """Creates a segment, or changes it."""
        others = [name for name in self.model.rules if name < segment_id]
        rule = parse(format(make_rule_of(random, others)))
        segments = self.replicas[0].core.segments
        held = await segments.get(self.tenant_id, segment_id)
        draft = Draft(segment_id, {}, format(rule), False, False)
        request = Request(str(uuid.uuid4()), "")
        if held is None:
            change = segments.create(self.tenant_id, draft, request)
        else:
            change = segments.update(self.tenant_id, draft, held[0].version, request)
        if segment_id in self.model.rules and self.model.rules[segment_id] == rule:
            await self.change(change, None, random)
            return
        rules = {**self.model.rules, segment_id: rule}
        await self.change(change, (rules, segment_id, self.model.now_ms), random)

    async def drop(self, segment_id: str, random: Random) -> None:
        """Deletes a segment, unless another's rule refers to it."""
        change = self.replicas[0].core.segments.delete(
            self.tenant_id, segment_id, Request(str(uuid.uuid4()), "")
        )
        rules = {name: rule for name, rule in self.model.rules.items() if name != segment_id}
        used = any(
            isinstance(node, tree.InSegment) and node.segment_id == segment_id
            for rule in rules.values()
            for node in nodes(rule)
        )
        if not used:
            await self.change(change, (rules, segment_id, None), random)
            return
        with pytest.raises(RpcFailure) as raised:
            await change
        assert Code.SEGMENT_IN_USE == raised.value.code

    async def change(self, change: Any, changed: Any, random: Random) -> None:
        """A change of rules; its backfill follows at once, or stays undone for a while."""
        first, core = self.replicas[0], self.replicas[0].core
        if changed is None or random.random() < 0.7:
            self.past.asked.clear()
            outcome = await first.worked(change)
            assert Outcome.APPLIED == (outcome[0] if isinstance(outcome, tuple) else outcome)
            assert await core.backfill.finish(self.tenant_id, 10)
            if changed is not None:
                self.model.change_rules(*changed)
                self.worked()
            return
        version = (await core.rulesets.get(self.tenant_id)).version
        task = asyncio.create_task(change)
        while (await core.rulesets.get(self.tenant_id)).version == version:
            assert not task.done(), await task
            await asyncio.wait({task}, timeout=0.001)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await core.rulesets.reload(self.tenant_id)
        self.model.change_rules(*changed)
        self.unfinished = True

    async def work(self, replica: Replica) -> None:
        """What a change of rules left undone is done."""
        self.past.asked.clear()
        await replica.core.backfill.work_off()
        assert await replica.core.backfill.finish(self.tenant_id, 10)
        if self.unfinished:
            self.worked()

    def worked(self) -> None:
        """A backfill has seen everyone."""
        self.unfinished = False
        asked, self.past.asked[:] = list(self.past.asked), []
        for name in sorted(self.past.people):
            if name in self.model.outdated or name not in self.model.present:
                self.model.replay(name)
        for name in asked:
            self.model.replay(name)

    # Questions

    async def explain(self, replica: Replica, random: Random) -> None:
        """Explain answers as of the clock, whether the deadlines have fired or not."""
        name, segment_id = random.choice(sorted(self.past.people)), random.choice(SEGMENTS)
        self.past.asked.clear()
        try:
            answer = await replica.core.members.explain(self.tenant_id, name, segment_id)
        except RpcFailure as failure:
            if failure.code is not Code.CUSTOMER_NOT_FOUND:
                raise
            assert self.past.people[name].merged_into
            self.replay_asked()
            return
        self.replay_asked()
        assert (answer is None) == (segment_id not in self.model.rules)
        if answer is None:
            return
        customer = self.model.customers[name]
        now_ms = max(self.model.now_ms, customer.now_ms)
        rule = self.model.rules[segment_id]
        flip_ms = customer.oracle.next_flip(rule, now_ms) or None
        assert customer.oracle.holds(rule, now_ms) == answer.why.holds == answer.member
        assert flip_ms == answer.why.next_flip_ms

    # Trouble

    async def restart_replica(self, random: Random) -> None:
        """A replica ends, another one takes its place."""
        before = await self.versions()
        self.past.asked.clear()
        self.past.streamed = False
        self.replicas[random.randrange(len(self.replicas))] = await self.world.replica()
        await self.settle(before)

    async def drain(self, replica: Replica) -> None:
        """What was announced is copied."""
        await replica.core.drainer.drain(ALL)
        assert set(self.model.told) == await self.world.kept(self.tenant_id)

    async def flush_redis(self, random: Random) -> None:
        """Everything in Redis is deleted; until it is whole again, deltas stay pending."""
        if self.unfinished:
            await self.work(random.choice(self.replicas))
        await self.world.server.delete_everything()
        self.model.lose(await self.world.kept(self.tenant_id))
        await self.recover(random)

    async def restart_redis(self, random: Random) -> None:
        """Redis ends and starts again with what is on its disk."""
        if self.unfinished:
            await self.work(random.choice(self.replicas))
        await self.world.restart_redis()
        await self.recover(random)

    async def recover(self, random: Random) -> None:
        """Deltas meet a Redis that is not whole, then it is repaired."""
        replica = random.choice(self.replicas)
        name = self.resolve("ann")
        delta = self.recorded(name, [self.event(name, random, 1.0)], random, False)
        result = await replica.evaluation.evaluate(self.tenant_id, self.world.clock.now_ms, [delta])
        if self.model.rules:
            assert [name] == result.pending
        before = await self.versions()
        self.past.asked.clear()
        self.past.streamed = False
        for one in self.replicas:
            assert await self.world.made_whole(one)
        await self.settle(before)

    async def versions(self) -> dict[str, int]:
        """Which write each state is of."""
        return {name: one.version for name, one in (await self.held()).items() if one is not None}

    async def settle(self, before: Mapping[str, int]) -> None:
        """The model replays whom a repair replayed."""
        after = await self.versions()
        asked, self.past.asked[:] = list(self.past.asked), []
        for name in sorted(self.past.people):
            if not self.model.rules and name not in after:
                # Where no rule is, nobody is read: she has a state again when a rule is made.
                self.model.present.discard(name)
                self.model.outdated.discard(name)
                continue
            gone = self.past.streamed and name not in after
            if gone or name in asked or after.get(name) != before.get(name):
                self.model.replay(name)
