"""Groups over a store in memory that counts its work."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from offers_service.commit import ContendedError, GroupCommit, OutcomeUnknownError
from offers_service.coupon_account import AccountKey


@dataclass(frozen=True)
class Counter:
    """An account that counts."""

    key: AccountKey
    value: int


@dataclass
class Answer:
    """What a step answered, and the account to save."""

    account: Counter | None
    seen: int


@dataclass
class MemoryStore:
    """Compare-and-set over a dict; `rivals` change accounts between read and write."""

    accounts: dict[AccountKey, Counter] = field(default_factory=dict)
    reads: list[int] = field(default_factory=list)
    writes: list[int] = field(default_factory=list)
    rivals: int = 0
    failing: bool = False

    async def load(self, keys: Sequence[AccountKey]) -> Mapping[AccountKey, Counter]:
        """Takes a turn of the loop, as a database would."""
        self.reads.append(len(keys))
        await asyncio.sleep(0)
        return {key: self.accounts[key] for key in keys if key in self.accounts}

    async def save(self, changes: Sequence[tuple[Counter | None, Counter]]) -> set[AccountKey]:
        """Answers the losers."""
        self.writes.append(len(changes))
        await asyncio.sleep(0)
        if self.failing:
            raise OutcomeUnknownError
        lost = set()
        for before, after in changes:
            if self.rivals > 0:
                self.rivals -= 1
                self.accounts[after.key] = Counter(after.key, (before.value if before else 0) + 100)
            if self.accounts.get(after.key) != before:
                lost.add(after.key)
            else:
                self.accounts[after.key] = after
        return lost


def _key(name: str) -> AccountKey:
    return AccountKey("shop", name)


def _add(name: str) -> Any:
    def decide(account: Counter | None) -> Answer:
        seen = account.value if account else 0
        return Answer(Counter(_key(name), seen + 1), seen)

    return decide


async def test_steps_for_one_account_are_folded_in_order() -> None:
    """One read, one write, each step on the state the one before left."""
    store = MemoryStore()
    group: GroupCommit[Counter] = GroupCommit(store)
    answers = await asyncio.gather(*[group.submit(_key("a"), _add("a")) for _ in range(64)])
    assert list(range(64)) == [answer.seen for answer in answers]
    assert ([1], [1]) == (store.reads, store.writes)


async def test_groups_hold_at_most_their_maximum() -> None:
    """1,000 accounts make four groups of 250 and less."""
    store = MemoryStore()
    group: GroupCommit[Counter] = GroupCommit(store, group_max=256)
    names = [f"a{number}" for number in range(1_000)]
    await asyncio.gather(*[group.submit(_key(name), _add(name)) for name in names])
    assert 256 == max(store.writes)
    assert (1_000, 4) == (sum(store.writes), len(store.writes))


async def test_a_step_right_after_an_answer_is_not_left_lying() -> None:
    """The committer that answered may be about to end: the next step needs one that works."""
    store = MemoryStore()
    group: GroupCommit[Counter] = GroupCommit(store, committers=1)
    async with asyncio.timeout(10):
        for number in range(100):
            await group.submit(_key(f"a{number}"), _add(f"a{number}"))
    assert 100 == len(store.accounts)


async def test_losers_are_decided_again_on_a_fresh_read() -> None:
    """Whoever else wrote in between is seen, nothing is lost."""
    store = MemoryStore(rivals=2)
    group: GroupCommit[Counter] = GroupCommit(store)
    answers = await asyncio.gather(*[group.submit(_key("a"), _add("a")) for _ in range(3)])
    assert [200, 201, 202] == [answer.seen for answer in answers]
    assert 203 == store.accounts[_key("a")].value


async def test_deciding_again_is_bounded() -> None:
    """Against endless rivals a step gives up, having written nothing."""
    group: GroupCommit[Counter] = GroupCommit(MemoryStore(rivals=1_000))
    with pytest.raises(ContendedError):
        await group.submit(_key("a"), _add("a"))


async def test_a_failing_decision_fails_alone() -> None:
    """Its neighbours in the group, and on the same account, go through."""

    def broken(_account: Counter | None) -> Answer:
        raise ZeroDivisionError

    store = MemoryStore()
    group: GroupCommit[Counter] = GroupCommit(store)
    results = await asyncio.gather(
        group.submit(_key("a"), _add("a")),
        group.submit(_key("a"), broken),
        group.submit(_key("a"), _add("a")),
        group.submit(_key("b"), _add("b")),
        return_exceptions=True,
    )
    assert isinstance(results[1], ZeroDivisionError)
    assert [0, 1, 0] == [result.seen for result in results if isinstance(result, Answer)]
    assert [2] == store.reads


async def test_an_unknown_outcome_is_never_an_answer() -> None:
    """Who would have changed something learns that it is unknown; refusals stand."""

    def refuse(account: Counter | None) -> Answer:
        return Answer(account, -1)

    store = MemoryStore(failing=True)
    group: GroupCommit[Counter] = GroupCommit(store)
    results = await asyncio.gather(
        group.submit(_key("a"), _add("a")),
        group.submit(_key("b"), refuse),
        return_exceptions=True,
    )
    assert isinstance(results[0], OutcomeUnknownError)
    assert isinstance(results[1], Answer)


async def test_refusals_write_nothing() -> None:
    """The very same account means nothing to save."""
    key = _key("a")
    store = MemoryStore(accounts={key: Counter(key, 7)})
    group: GroupCommit[Counter] = GroupCommit(store)
    answer = await group.submit(key, lambda account: Answer(account, account.value))
    assert (7, []) == (answer.seen, store.writes)


async def test_who_gave_up_before_the_read_is_left_out() -> None:
    """A cancelled caller's step is not decided."""
    store = MemoryStore()
    group: GroupCommit[Counter] = GroupCommit(store)
    gone = asyncio.ensure_future(group.submit(_key("a"), _add("a")))
    await asyncio.sleep(0)
    gone.cancel()
    answer = await group.submit(_key("b"), _add("b"))
    await group.close()
    assert 0 == answer.seen
    assert {_key("b")} == set(store.accounts)


async def test_many_accounts_and_rivals_lose_nothing() -> None:
    """Every step counts exactly once, whatever the interleaving."""
    store = MemoryStore(rivals=50)
    group: GroupCommit[Counter] = GroupCommit(store, group_max=16)
    names = [f"a{number % 40}" for number in range(2_000)]
    await asyncio.gather(*[group.submit(_key(name), _add(name)) for name in names])
    total = sum(account.value for account in store.accounts.values())
    assert 2_000 + 50 * 100 == total
