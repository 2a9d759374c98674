"""Judges what can be used up: points, codes and budgets, by the lines of their accounts.

Written the obvious way, from the lines alone; it shares no code with the ledger. Each function
answers faults in words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from tests.integration.offers.judging.history import Call, History

Line = Mapping[str, Any]
Journals = Mapping[str, Sequence[Line]]

# From where to where a line moves points; nothing else is known of it.
_POINTS = {
    "earn": ("outside", "available"),
    "hold_points": ("available", "held"),
    "spend_points": ("held", "outside"),
    "release_points": ("held", "available"),
    "give_points": ("available", "escrow"),
    "points_given": ("escrow", "outside"),
    "points_returned": ("escrow", "available"),
    "receive_points": ("outside", "available"),
}
_ASIDE = {"hold_points", "spend_points", "release_points"}
_WRITES = {
    "earn": "earn",
    "hold_points": "hold_points",
    "spend_points": "spend_points",
    "release_points": "release_points",
    "give_points": "give_points",
    "claim_points": "points_given",
    "cancel_points": "points_returned",
}
_BUDGET = {
    "take": ("free", "held"),
    "spend": ("held", "spent"),
    "return": ("held", "free"),
    "refund": ("spent", "free"),
    "lend": ("free", "lent"),
    "borrow": ("lent", "free"),
}
_ONCE = {"take", "spend", "return", "refund"}


def judge_points(history: History, journals: Journals) -> list[str]:
    """Nothing is spent or given that was not there, every acknowledged step is there once, no
    refused one is, and each gift was received once by whoever was told so."""
    faults = [fault for account, lines in journals.items() for fault in _purse(account, lines)]
    faults += _acknowledged(history, journals)
    return faults + _gifts(history, journals)


def _purse(account: str, lines: Sequence[Line]) -> list[str]:
    faults = []
    sums = Counter[str]()
    orders = Counter[str]()
    seen = set()
    for number, line in enumerate(lines, start=1):
        kind, amount = line["kind"], line.get("amount", 0)
        if kind == "order":
            continue
        if kind not in _POINTS:
            faults.append(f"{account}: line {number} is an unknown {kind}")
            continue
        source, target = _POINTS[kind]
        sums[source] -= amount
        sums[target] += amount
        if kind in _ASIDE:
            orders[line["order"]] += amount if kind == "hold_points" else -amount
        short = [place for place in ("available", "held", "escrow") if sums[place] < 0]
        if short or orders[line.get("order", "")] < 0:
            faults.append(f"{account}: line {number}, {kind}, overdraws {', '.join(short)}")
        if line.get("points", 0) != sums["available"]:
            faults.append(f"{account}: line {number} tells another balance than its lines")
        request = (line.get("request", ""), kind)
        if request[0] and request in seen:
            faults.append(f"{account}: {kind} {request[0]} took effect twice")
        seen.add(request)
    return faults


def _acknowledged(history: History, journals: Journals) -> list[str]:
    faults = []
    written = {
        account: {(line.get("request", ""), line["kind"]) for line in lines}
        for account, lines in journals.items()
    }
    for call in history.calls:
        if call.ended_at is None or call.step not in _WRITES:
            continue
        there = (call.request_id, _WRITES[call.step]) in written.get(call.coupon_id, ())
        if call.applied and not there:
            faults.append(f"{call.step} {call.request_id} was acknowledged and is lost")
        elif there and not call.applied and not call.lost_tries:
            faults.append(f"{call.step} {call.request_id} was refused and took effect")
    return faults


def _gifts(history: History, journals: Journals) -> list[str]:
    faults = []
    given = {
        line["gift"]: (line["origin"], line["amount"])
        for lines in journals.values()
        for line in lines
        if line["kind"] == "points_given"
    }
    received = Counter[str]()
    for account, lines in journals.items():
        for line in lines:
            if line["kind"] == "receive_points":
                received[line["gift"]] += 1
                if given.get(line["gift"]) != (account.removeprefix("p_"), line["amount"]):
                    faults.append(f"{account} received {line['gift']}, which was not given to it")
    faults += [
        f"{gift} was received {count} times" for gift, count in received.items() if count > 1
    ]
    for call in history.calls:
        if call.step != "claim_points" or not call.applied:
            continue
        if given.get(call.gift_id, ("",))[0] != call.who or not received[call.gift_id]:
            faults.append(f"{call.who} was told to have {call.gift_id}, and has not")
    return faults


def judge_codes(
    history: History, codes: Journals, owners: Mapping[str, str], limit: int
) -> list[str]:
    """Each code gives one coupon to one customer, and all of them no more than the limit.

    owners: whose each coupon of the codes' campaign was at first, by its id.
    """
    faults = [f"{len(owners)} coupons of a budget of {limit}"] if len(owners) > limit else []
    claims = Counter[str]()
    claimed_by: dict[str, str] = {}
    for account, lines in codes.items():
        owner = ""
        for number, line in enumerate(lines, start=1):
            if line["kind"] == "claim_code" and owner:
                faults.append(f"{account}: line {number} claims what is claimed")
            owner = line["owner"] if line["kind"] == "claim_code" else ""
            claimed_by[line.get("request", "")] = owner
        claims[owner] += bool(owner)
    for owner, count in Counter(owners.values()).items():
        if count > claims[owner]:
            faults.append(f"{owner} has {count} coupons for {claims[owner]} codes")
    told = [call for call in history.calls if call.step == "claim_code" and call.applied]
    return faults + _told(told, claimed_by, owners)


def _told(
    told: Sequence[Call], claimed_by: Mapping[str, str], owners: Mapping[str, str]
) -> list[str]:
    """Whoever was told to have a code has it, and its coupon, alone."""
    faults = []
    for call in told:
        if claimed_by.get(call.request_id) != call.who:
            faults.append(f"{call.who} was told to have a code, and has not: {call.request_id}")
        if owners.get(call.answered) != call.who:
            faults.append(f"{call.who} was told to have a coupon, and has not: {call.answered}")
    for what, given in (
        ("coupon", Counter(call.answered for call in told)),
        ("code", Counter(call.gift_id for call in told)),
    ):
        faults += [f"{what} {name}: {count} have it" for name, count in given.items() if count > 1]
    return faults


def judge_budget(
    name: str, stripes: Journals, limit: int, coupons: Sequence[Mapping[str, Any]] = ()
) -> list[str]:
    """No line of any stripe takes more than is there; what is held and spent in the end is what
    the coupons of a budget of money say, but for those whose step is under way.

    coupons: as they are stored.
    """
    faults = []
    seen = set()
    sums = Counter[str]()
    for account, lines in stripes.items():
        own = Counter[str]()
        for number, line in enumerate(lines, start=1):
            kind, amount = line["kind"], line.get("amount", 0)
            if kind == "open":
                own["free"] += amount
                sums["limit"] += amount
            elif kind in _BUDGET:
                source, target = _BUDGET[kind]
                own[source] -= amount
                own[target] += amount
            elif kind != "refuse":
                faults.append(f"{account}: line {number} is an unknown {kind}")
            if min(own["free"], own["held"], own["spent"]) < 0:
                faults.append(f"{account}: line {number}, {kind}, overspends")
            # Several stripes may refuse the same, or lend for it to the one that has room then.
            request = (line.get("request", ""), kind)
            if kind in _ONCE and request in seen:
                faults.append(f"{account}: {kind} {request[0]} took effect twice")
            seen.add(request)
        sums.update(own)
    if sums["lent"] < 0:
        faults.append(f"{name} was lent more than its stripes gave")
    if stripes and sums["limit"] != limit:
        faults.append(f"{name} has a limit of {sums['limit']} instead of {limit}")
    return faults + _agree(name, sums, coupons)


def _agree(name: str, sums: Mapping[str, int], coupons: Sequence[Mapping[str, Any]]) -> list[str]:
    moving = [one for one in coupons if one.get("owes") or one["state"] == "holding"]
    still = [one for one in coupons if one not in moving]
    settled = sum(one.get("discount", 0) for one in still if one["state"] in {"held", "redeemed"})
    # Of a coupon under way the budget may have two orders' discounts, or none.
    slack = sum(2 * line.get("discount", 0) for one in moving for line in one["entries"][-1:])
    if coupons and not settled <= sums["held"] + sums["spent"] <= settled + max(slack, 0):
        told = f"held and spent {sums['held'] + sums['spent']}, by coupons {settled}"
        return [f"{name}: {told}, under way {len(moving)}"]
    return []


def _by(calls: Sequence[Call], key: Any) -> dict[str, list[Call]]:
    found: dict[str, list[Call]] = {}
    for call in calls:
        found.setdefault(key(call), []).append(call)
    return found
