"""Group commit: what arrived while the last group was being written goes into the next.

One read, one pure decision each (several for one account are folded in order into one change),
one unordered bulk write. Whoever loses the compare-and-set is decided again on a fresh read.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence, Set
from contextvars import Context
from typing import Any, Generic, Protocol, TypeVar, cast

from dangol_service_kit.telemetry import resume, traced_context

from offers_service.coupon_account import AccountKey

GROUP_MAX = 256
COMMITTERS = 3
ATTEMPTS_MAX = 40
PENDING_MAX = 20_000
# Whoever has lost so often waits a little at random: two processes that take turns on one account
# would else meet at the same points of their turns, and the slower one lose each time.
_PATIENT_ATTEMPTS = 3
_PAUSE_SECONDS = 0.001
_PAUSE_SECONDS_MAX = 0.032

A = TypeVar("A")
A_co = TypeVar("A_co", covariant=True)


class OutcomeUnknownError(Exception):
    """The database did not say whether the step was written: the caller has to repeat it."""


class ContendedError(Exception):
    """Others kept changing the account, or too much is waiting: nothing was written."""


class DamagedError(Exception):
    """What is stored under a key is no account: someone changed it by hand."""


class Decided(Protocol[A_co]):
    """An answer; account is what has to be saved, the very same object for nothing."""

    @property
    def account(self) -> A_co | None: ...


D = TypeVar("D", bound=Decided[Any])


class Told(Protocol):
    """Hears of every group that was written."""

    def written(self, steps: int, lost: int, seconds: float) -> None:
        """steps: requests of the group; lost: of those, how many are decided again."""
        ...


class _Nobody:
    def written(self, steps: int, lost: int, seconds: float) -> None: ...


class Accounts(Protocol[A]):
    """What group commit needs of a store."""

    async def load(self, keys: Sequence[AccountKey]) -> Mapping[AccountKey, A | DamagedError]:
        """Majority-read accounts by key; missing ones are left out, damaged ones say so."""
        ...

    async def save(self, changes: Sequence[tuple[A | None, A]]) -> Set[AccountKey]:
        """Writes (before, after) pairs, each under its version; answers the keys that lost.

        Raises OutcomeUnknownError when the database does not tell.
        """
        ...


class _Step(Generic[A]):
    __slots__ = ("answer", "attempts", "context", "decide", "decided", "key")

    def __init__(
        self,
        key: AccountKey,
        decide: Callable[[A | None], Decided[A]],
        answer: asyncio.Future[Any],
    ) -> None:
        self.key = key
        self.decide = decide
        self.answer = answer
        self.decided: Decided[A] | None = None
        self.attempts = 0
        self.context = traced_context()

    def fail(self, error: BaseException) -> None:
        if not self.answer.done():
            self.answer.set_exception(error)

    def resolve(self) -> None:
        if self.decided is not None and not self.answer.done():
            self.answer.set_result(self.decided)


class GroupCommit(Generic[A]):
    """One per store and process. Within the process an account is in one group at a time, so
    only other processes can make a step lose."""

    def __init__(
        self, accounts: Accounts[A], *, committers: int = COMMITTERS, group_max: int = GROUP_MAX
    ) -> None:
        self._accounts = accounts
        self._committers = committers
        self._group_max = group_max
        self._queue: deque[_Step[A]] = deque()
        self._busy: dict[AccountKey, list[_Step[A]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._pending = 0
        # Who is told of groups; whoever measures puts itself here.
        self.told: Told = _Nobody()

    @property
    def pending_count(self) -> int:
        """Steps that are not answered yet."""
        return self._pending

    async def submit(self, key: AccountKey, decide: Callable[[Any], D]) -> D:
        """Decides on the account's present state and saves; answers what `decide` answered.

        Raises what `decide` raises, OutcomeUnknownError or ContendedError.
        """
        if self._pending >= PENDING_MAX:
            raise ContendedError
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._pending += 1
        try:
            self._enqueue(_Step(key, decide, answer))
            self._start()
            decided: D = await answer
            return decided
        finally:
            self._pending -= 1

    async def close(self) -> None:
        """Waits for what is being written."""
        with contextlib.suppress(Exception):
            await asyncio.gather(*self._tasks)

    def _enqueue(self, step: _Step[A]) -> None:
        waiting = self._busy.get(step.key)
        if waiting is None:
            self._queue.append(step)
        else:
            waiting.append(step)

    def _start(self) -> None:
        if self._queue and len(self._tasks) < self._committers:
            # What a committer writes is not only for whoever happened to start it.
            task = asyncio.get_running_loop().create_task(self._run(), context=Context())
            self._tasks.add(task)

    async def _run(self) -> None:
        try:
            # Steps submitted in the same turn of the loop belong into one group.
            await asyncio.sleep(0)
            while group := self._take():
                await self._commit_or_fail(group)
        finally:
            # In the very turn in which nothing was left to do. A callback at the task's end comes
            # a turn later: a step submitted in between would find every committer taken, and
            # nobody would ever look at it.
            self._tasks.discard(cast("asyncio.Task[None]", asyncio.current_task()))

    async def _commit_or_fail(self, group: Mapping[AccountKey, list[_Step[A]]]) -> None:
        try:
            with resume(_first_context(group)):
                await self._commit(group)
        except Exception as error:
            for steps in group.values():
                for step in steps:
                    step.fail(error)
        finally:
            self._release(group)

    def _take(self) -> dict[AccountKey, list[_Step[A]]]:
        group: dict[AccountKey, list[_Step[A]]] = {}
        size = 0
        while self._queue and size < self._group_max:
            step = self._queue.popleft()
            if step.answer.done():  # the caller gave up before anything was written
                continue
            if step.key in group:
                group[step.key].append(step)
            elif step.key in self._busy:
                self._busy[step.key].append(step)
                continue
            else:
                group[step.key] = [step]
            size += 1
        for key in group:
            self._busy[key] = []
        return group

    def _release(self, group: Mapping[AccountKey, list[_Step[A]]]) -> None:
        for key in group:
            self._queue.extend(self._busy.pop(key))
        self._start()

    async def _commit(self, group: Mapping[AccountKey, list[_Step[A]]]) -> None:
        started = time.perf_counter()
        loaded = await self._accounts.load(list(group))
        changes: list[tuple[A | None, A]] = []
        changed: list[AccountKey] = []
        for key, steps in group.items():
            before = loaded.get(key)
            if isinstance(before, DamagedError):
                for step in steps:
                    step.fail(before)
                continue
            after = self._decide(before, steps)
            if after is None or after is before:
                for step in steps:
                    step.resolve()
            else:
                changes.append((before, after))
                changed.append(key)
        if changes:
            lost = await self._accounts.save(changes)
            size = sum(map(len, group.values()))
            again = sum(len(group[key]) for key in changed if key in lost)
            self.told.written(size, again, time.perf_counter() - started)
            for key in changed:
                self._settle(group[key], key in lost)

    def _decide(self, before: A | None, steps: Sequence[_Step[A]]) -> A | None:
        current = before
        for step in steps:
            try:
                step.decided = step.decide(current)
                current = step.decided.account
            except Exception as error:
                step.decided = None
                step.fail(error)
        return current

    def _settle(self, steps: Sequence[_Step[A]], lost: bool) -> None:
        again: list[_Step[A]] = []
        for step in steps:
            if not lost:
                step.resolve()
                continue
            step.attempts += 1
            if step.answer.done():
                continue
            if step.attempts >= ATTEMPTS_MAX:
                step.fail(ContendedError())
            else:
                again.append(step)
        if again:
            pause_seconds = _pause_seconds(max(step.attempts for step in again))
            asyncio.get_running_loop().call_later(pause_seconds, self._retry, again)

    def _retry(self, steps: Sequence[_Step[A]]) -> None:
        for step in steps:
            self._enqueue(step)
        self._start()


def _pause_seconds(attempts: int) -> float:
    if attempts <= _PATIENT_ATTEMPTS:
        return 0.0
    longest = min(_PAUSE_SECONDS * 2 ** min(attempts, 10), _PAUSE_SECONDS_MAX)
    return random.uniform(0.0, longest)  # noqa: S311 - not a secret


def _first_context(group: Mapping[AccountKey, list[_Step[Any]]]) -> Any:
    """The traced operation that the group's writes are shown in: of many, one is enough."""
    steps = itertools.chain.from_iterable(group.values())
    return next((step.context for step in steps if step.context is not None), None)
