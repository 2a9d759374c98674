"""How gifts spread, against a tree that was planted and against a count by hand."""

import random
from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from offers_service import spread
from offers_service.gift_account import GiftState
from offers_service.report_figures import Bought
from offers_service.spread import SentGift


def _gift(number: int, giver: str, claimer: str = "", **facts: Any) -> SentGift:
    wanted = {
        "gift_id": f"g_{number:04}",
        "giver": giver,
        "claimer": claimer,
        "state": GiftState.CLAIMED if claimer else GiftState.OFFERED,
        "offered_ms": number * 10,
        "closed_ms": number * 10 + 5 if claimer else 0,
        "expire_ms": 1_000_000,
        "opened": bool(claimer),
        "opened_by_customer": False,
        "new_member": False,
        "arm": "none",
    }
    return SentGift(**{**wanted, **facts})


class _Planted:
    """Gifts of a tree whose figures are known because it was grown that way; the truth is kept by
    walking parents one by one, and nothing of it comes from the gifts."""

    def __init__(self, seed: int, seeds: int, gifts: int) -> None:
        chance = random.Random(seed)
        self.gifts: list[SentGift] = []
        self.parent: dict[str, str] = {}
        people = [f"seed-{number}" for number in range(seeds)]
        self.givers: Counter[str] = Counter()
        for number in range(gifts):
            giver = chance.choice(people)
            self.givers[giver] += 1
            what = chance.choice(["new", "new", "member", "open", "declined"])
            if what == "new":
                name = f"new-{number}"
                self.parent[name] = giver
                people.append(name)
                self.gifts.append(_gift(number, giver, name, new_member=True))
            elif what == "member":
                others = [one for one in people if one != giver]
                if others:
                    self.gifts.append(_gift(number, giver, chance.choice(others)))
                else:
                    self.gifts.append(_gift(number, giver))
            else:
                state = GiftState.OFFERED if what == "open" else GiftState.DECLINED
                self.gifts.append(_gift(number, giver, state=state))

    def depth(self, person: str) -> int:
        """How many brought each other down to this one."""
        steps = 0
        while person in self.parent:
            person, steps = self.parent[person], steps + 1
        return steps

    def descendants(self, person: str) -> int:
        """Everybody above whom the person stands."""
        count = 0
        for one in self.parent:
            above = one
            while above in self.parent:
                above = self.parent[above]
                if above == person:
                    count += 1
                    break
        return count


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), seeds=st.integers(1, 6), gifts=st.integers(0, 60))
def test_a_planted_tree_is_found_again(seed: int, seeds: int, gifts: int) -> None:
    """Generation by generation: people, gifts, newcomers, purchases, k; the whole subtree of each
    giver; whatever order the gifts are read in."""
    planted = _Planted(seed, seeds, gifts)
    shuffled = planted.gifts[:]
    random.Random(seed + 1).shuffle(shuffled)
    traced = spread.trace(shuffled, {}, now_ms=0)
    assert planted.parent == traced.parents
    assert len(planted.gifts) == traced.sent_count
    people = {*planted.parent, *planted.givers}
    bought = {one.person: Bought(1, len(one.person)) for one in traced.firsts.values()}
    found = spread.generations(traced, bought)
    assert list(range(len(found))) == [one.generation for one in found]
    for one in found:
        of_depth = [each for each in people if planted.depth(each) == one.generation]
        brought = [each for each in planted.parent if planted.depth(each) == one.generation + 1]
        assert (len(of_depth), len(brought)) == (one.people.customer_count, one.new_member_count)
        assert sum(planted.givers[each] for each in of_depth) == one.sent_count
        assert sum(each in planted.givers for each in of_depth) == one.giver_count
        assert len(brought) / len(of_depth) == one.k_factor
        if one.generation:
            assert sum(len(each) for each in of_depth) == one.people.revenue_minor_units
    for giver in spread.top_givers(traced):
        assert planted.descendants(giver.person) == giver.descendant_count
        assert planted.depth(giver.person) == giver.generation
    if planted.givers:
        assert len(planted.parent) / len(planted.givers) == traced.k_factor


def test_states_are_counted_as_they_are_now() -> None:
    """An open gift past its end has expired, though nobody has written that down yet."""
    gifts = [
        _gift(1, "ann"),
        _gift(2, "ann", expire_ms=50),
        _gift(3, "ann", "bob", opened_by_customer=True),
        _gift(4, "bob", state=GiftState.CANCELLED, opened=True),
    ]
    traced = spread.trace(gifts, {}, now_ms=50)
    assert {
        GiftState.OFFERED: 1,
        GiftState.EXPIRED: 1,
        GiftState.CLAIMED: 1,
        GiftState.CANCELLED: 1,
    } == traced.states
    assert (4, 2, 1) == (
        traced.sent_count,
        traced.opened_count,
        traced.opened_by_customers_count,
    )


def test_merged_people_are_one_and_bring_nobody_to_themselves() -> None:
    """ann's gift went to her own phone; the newcomer whom bob brought was ann all along."""
    gifts = [
        _gift(1, "ann", "ann-phone", new_member=True),
        _gift(2, "ann", "bob", new_member=True),
        _gift(3, "bob", "ann-tablet", new_member=True),
        _gift(4, "bob-desk", "cid", new_member=True),
    ]
    roots = {"ann-phone": "ann", "ann-tablet": "ann", "bob-desk": "bob"}
    traced = spread.trace(gifts, roots, now_ms=0)
    assert {"bob": "ann", "cid": "bob"} == traced.parents
    assert {"ann": 0, "bob": 1, "cid": 2} == traced.depths
    assert (1, 2) == (traced.self_claimed_count, len(traced.sent))


def test_recipients_stand_in_their_own_arm_new_members_apart() -> None:
    """The first claim says in which; variants count as treated, who was not enrolled as none."""
    gifts = [
        _gift(1, "ann", "bob", arm="control"),
        _gift(2, "ann", "bob", arm="five"),
        _gift(3, "ann", "cid", arm="five"),
        _gift(4, "ann", "dan", new_member=True),
        _gift(5, "ann", "eve", arm="holdout"),
    ]
    traced = spread.trace(gifts, {}, now_ms=0)
    bought = {"bob": Bought(2, 50), "cid": Bought(0, 0), "dan": Bought(1, 7), "eve": Bought(1, 9)}
    found = {
        arm.arm: (arm.members.customer_count, arm.members.revenue_minor_units)
        for arm in spread.arms(traced, bought)
    }
    assert {"control": (1, 50), "holdout": (1, 9), "none": (0, 0), "treated": (1, 0)} == found
    newcomers = [arm.new_members for arm in spread.arms(traced, bought)]
    total = spread.totals(newcomers)
    assert (1, 1, 1, 7) == (
        total.customer_count,
        total.ordering_customer_count,
        total.order_count,
        total.revenue_minor_units,
    )
