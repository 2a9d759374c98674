"""Someone who can write to MongoDB, knows how hashes are computed, and has none of the keys."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from offers_service import coupon_account, journal
from offers_service.coupon_account import AccountKey, CouponAccount
from offers_service.journal import Entry
from offers_service.store_accounts import decode, encode

Document = dict[str, Any]
# What is put in place of one account: documents by id, None for gone.
Change = Mapping[str, Document | None]


class Tamperer:
    """Changes what is stored of coupons; every method answers what to put in place of what.

    Chains that it recomputes fit together, and so do the states that it folds anew.
    """

    def __init__(self, seed: int, documents: list[Document]) -> None:
        self.random = random.Random(seed)
        self._coupons = [each for each in documents if each["kind"] == "coupon"]
        self._long = [each for each in self._coupons if len(each["entries"]) > 1]

    def kinds(self) -> list[Callable[[], Change]]:
        """Every way to tamper with accounts."""
        return [
            self.state_edited,
            self.entry_edited,
            self.entry_removed,
            self.account_removed,
            self.tail_cut,
            self.tail_cut_bluntly,
            self.documents_swapped,
            self.swapped_and_recomputed,
            self.rewritten_from_the_start,
            self.tail_replaced,
            self.renamed,
            self.spoiled,
        ]

    def state_edited(self) -> Change:
        """One field of the state is another."""
        document = self._any()
        changes: dict[str, Any] = {
            "owner": "eve",
            "state": self.random.choice(["available", "held", "revoked"]),
            "valid_until_ms": document["valid_until_ms"] + 86_400_000,
            "offer": "dearer",
            "campaign": "other",
            "face": 999_999,
            "lookup": self.random.randbytes(12),
            "hash": self.random.randbytes(32),
            "v": document["v"] + 1,
            "due_ms": 1,
            "order": "order-of-eve",
            "discount": 1,
            "generation": document.get("generation", 0) + 1,
        }
        field = self.random.choice(
            [name for name in changes if changes[name] != document.get(name)]
        )
        return self._put({**document, field: changes[field]})

    def entry_edited(self) -> Change:
        """One field of one entry is another, and its hash is not."""
        document = self._any()
        entry = self.random.choice(document["entries"])
        field, value = self._edit(entry)
        entry[field] = value
        return self._put(document)

    def entry_removed(self) -> Change:
        """One entry is missing; those behind it are numbered and chained anew."""
        document = self._any(self._long)
        del document["entries"][self.random.randrange(len(document["entries"]))]
        return self._put(self._chained(document))

    def account_removed(self) -> Change:
        """As if it had never been."""
        return {self._any()["_id"]["a"]: None}

    def tail_cut(self) -> Change:
        """The last entries never happened; state, version and hash agree with those left."""
        document = self._any(self._long)
        left = self.random.randrange(1, len(document["entries"]))
        return self._put(self._as_of(document, left))

    def tail_cut_bluntly(self) -> Change:
        """The last entry is gone, and the state says what it said."""
        document = self._any(self._long)
        document["entries"].pop()
        return self._put({**document, "v": len(document["entries"])})

    def documents_swapped(self) -> Change:
        """Two accounts have each other's content."""
        one, other = self._two()
        return {
            one["_id"]["a"]: {**other, "_id": one["_id"]},
            other["_id"]["a"]: {**one, "_id": other["_id"]},
        }

    def swapped_and_recomputed(self) -> Change:
        """The same, and the chains begin with the right account."""
        return {
            account: self._chained({**document, "lookup": self._lookup(account)})
            for account, document in self.documents_swapped().items()
            if document is not None
        }

    def rewritten_from_the_start(self) -> Change:
        """Another owner, amount, offer or time in every entry; chain and state agree."""
        document = self._any()
        field, value = self.random.choice(
            [("owner", "eve"), ("offer", "dearer"), ("campaign", "other"), ("amount", 999_999)]
        )
        for entry in document["entries"]:
            entry[field] = value
        if field == "campaign":
            document["entries"][0]["debit"] = "campaign:other"
        state_field = "face" if field == "amount" else field
        return self._put(self._chained({**document, state_field: value}))

    def tail_replaced(self) -> Change:
        """The last entry is another one: by another, or at another time."""
        document = self._any()
        last = document["entries"][-1]
        field, value = self.random.choice(
            [("actor", "admin:eve"), ("at_ms", last["at_ms"] + 1), ("request", "another")]
        )
        last[field] = value
        return self._put(self._chained(document))

    def renamed(self) -> Change:
        """It is another account now, with a chain of its own."""
        document = self._any()
        account = document["_id"]["a"]
        other = f"c_{self.random.randbytes(16).hex()}"
        moved = self._chained({**document, "_id": {**document["_id"], "a": other}})
        return {account: None, other: moved}

    def spoiled(self) -> Change:
        """It is no account any more."""
        document = self._any()
        field = self.random.choice(["entries", "v", "hash", "state", "owner", "kind"])
        wrong: list[Any] = [None, "spoiled", 7, [], {"spoiled": True}]
        value = self.random.choice(wrong)
        if value == document.get(field):
            value = None
        return self._put({**document, field: value})

    def _any(self, among: list[Document] | None = None) -> Document:
        return copy.deepcopy(self.random.choice(among or self._coupons))

    def _two(self) -> tuple[Document, Document]:
        one, other = self.random.sample(self._coupons, 2)
        return copy.deepcopy(one), copy.deepcopy(other)

    def _lookup(self, account: str) -> bytes:
        found = {each["_id"]["a"]: each["lookup"] for each in self._coupons}
        return bytes(found[account])

    def _put(self, document: Document) -> Change:
        return {document["_id"]["a"]: document}

    def _edit(self, entry: Document) -> tuple[str, Any]:
        edits: list[tuple[str, Any]] = [
            ("amount", entry.get("amount", 0) + 1),
            ("at_ms", entry["at_ms"] + 1),
            ("owner", "eve"),
            ("actor", "admin:eve"),
            ("order", "order-of-eve"),
            ("debit", "eve"),
            ("credit", "eve"),
            ("request", "another"),
            ("print", self.random.randbytes(16)),
            ("discount", entry.get("discount", 0) + 1),
            ("until_ms", entry.get("until_ms", 0) + 1),
            ("refund", 1),
            ("n", entry["n"] + 1),
            ("hash", self.random.randbytes(32)),
        ]
        return self.random.choice(edits)

    def _chained(self, document: Document) -> Document:
        """Its entries numbered and hashed anew, and the account's version and hash with them."""
        key = document["_id"]
        previous = journal.genesis(key["t"], key["a"])
        for number, stored in enumerate(document["entries"], start=1):
            entry = msgspec.convert({**stored, "n": number}, Entry)
            previous = journal.entry_hash(previous, entry)
            stored.update({"n": number, "hash": previous})
        return {**document, "v": len(document["entries"]), "hash": previous}

    def _as_of(self, document: Document, left: int) -> Document:
        """The account as it was after so many entries: all but codes follow from the entries."""
        account = decode(document)
        assert isinstance(account, CouponAccount)
        first = account.entries[0]
        then = CouponAccount(
            key=AccountKey(account.key.t, account.key.a),
            v=1,
            state=coupon_account.CouponState.AVAILABLE,
            owner=first.owner,
            offer=first.offer,
            valid_until_ms=first.until_ms,
            lookup=account.lookup,
            hash=first.hash,
            entries=(first,),
            origin=first.origin,
            campaign=first.campaign,
            face=first.amount,
        )
        for entry in account.entries[1:left]:
            then = coupon_account.fold(then, entry, None)
        if account.v == left:
            return document
        return encode(then)
