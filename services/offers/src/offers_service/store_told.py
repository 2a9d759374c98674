"""Accounts whose writes are counted: what happened to coupons, by what it was."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from dangol_service_kit.sandboxes import is_sandbox

from offers_service import pages
from offers_service.coupon_account import AccountKey, CouponAccount, Kind
from offers_service.store_accounts import AccountStore, AnyAccount

# By kind of a coupon's entry, the step that people ask about; what is not here is bookkeeping.
STEPS: Mapping[str, str] = {
    Kind.ISSUE: "issued",
    Kind.HOLD: "held",
    Kind.RELEASE: "released",
    Kind.REDEEM: "redeemed",
    Kind.REVERSE: "reversed",
    Kind.KEEP: "reversed",
    Kind.REVOKE: "revoked",
    Kind.GIFT: "gifted",
    Kind.CLAIM: "claimed",
    Kind.CANCEL: "returned",
    Kind.DECLINE: "returned",
    Kind.RETURN: "returned",
}


class CouponTally:
    """Steps of coupons that this process wrote since it began, by name of the step; sandboxes are
    left out.

    Each is counted once, when the database has it; what it did not answer for is not counted.
    """

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter(dict.fromkeys(STEPS.values(), 0))

    def saved(
        self,
        changes: Sequence[tuple[AnyAccount | None, AnyAccount]],
        lost: AbstractSet[AccountKey],
    ) -> None:
        """Changes (before, after) were written, but for those that lost."""
        for before, after in changes:
            if is_sandbox(after.key.t):
                continue
            if isinstance(after, CouponAccount) and after.key not in lost:
                known = len(before.entries) if before is not None else 0
                self._add(entry.kind for entry in after.entries[known:])

    def inserted(self, documents: Sequence[Mapping[str, Any]], new_count: int) -> None:
        """So many of these accounts, all of one tenant and kind and as they were issued, were
        new."""
        if not new_count or is_sandbox(documents[0]["_id"]["t"]):
            return
        if documents[0].get("kind") == "coupon":
            self.counts[STEPS[Kind.ISSUE]] += new_count

    def _add(self, kinds: Iterable[str]) -> None:
        for kind in kinds:
            step = STEPS.get(kind)
            if step is not None:
                self.counts[step] += 1


class ToldAccounts(AccountStore):
    """The accounts, and a tally of what is written to coupons."""

    def __init__(
        self,
        database: Any,
        *,
        page_entries: int = pages.PAGE_ENTRIES,
        kept_entries: int = pages.KEPT_ENTRIES,
    ) -> None:
        super().__init__(database, page_entries=page_entries, kept_entries=kept_entries)
        self.tally = CouponTally()

    async def save(
        self, changes: Sequence[tuple[AnyAccount | None, AnyAccount]]
    ) -> set[AccountKey]:
        """As AccountStore.save."""
        lost = await super().save(changes)
        self.tally.saved(changes, lost)
        return lost

    async def insert_many(self, documents: Sequence[Mapping[str, Any]]) -> int:
        """As AccountStore.insert_many."""
        new_count = await super().insert_many(documents)
        self.tally.inserted(documents, new_count)
        return new_count
