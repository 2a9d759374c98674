"""Collections `offers` ({_id: {t, o}, ...terms}) and `requests` (what batches were asked for)."""

from __future__ import annotations

import contextlib
from collections import OrderedDict
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

import msgspec
from dangol_service_kit.mongodb import create_collections
from pymongo import ASCENDING, IndexModel, WriteConcern
from pymongo.errors import DuplicateKeyError
from pymongo.read_concern import ReadConcern

from offers_service.offers import Offer
from offers_service.store_errors import outages

_OFFERS = "offers"
_REQUESTS = "requests"
_CACHE_MAX = 20_000
_REQUEST_SECONDS = 30 * 24 * 3600


class OfferStore:
    """Active offers never change, so those once read are kept; at most 20,000."""

    def __init__(self, database: Any) -> None:
        self._database = database
        options = {
            "write_concern": WriteConcern("majority", j=True),
            "read_concern": ReadConcern("majority"),
        }
        self._offers = database.get_collection(_OFFERS, **options)
        self._requests = database.get_collection(_REQUESTS, **options)
        self._known: OrderedDict[tuple[str, str], Offer] = OrderedDict()

    async def prepare(self) -> None:
        """Makes the collections and indexes; harmless to repeat."""
        await create_collections(self._database, [_OFFERS, _REQUESTS])
        order = IndexModel([("_id.t", ASCENDING), ("_id.o", ASCENDING)])
        await self._offers.create_indexes([order])
        ttl = IndexModel([("at", ASCENDING)], expireAfterSeconds=_REQUEST_SECONDS)
        await self._requests.create_indexes([ttl])

    async def insert(self, tenant_id: str, offer: Offer) -> bool:
        """False when an offer with that id exists."""
        document = {"_id": {"t": tenant_id, "o": offer.offer_id}, **msgspec.to_builtins(offer)}
        with outages():
            try:
                await self._offers.insert_one(document)
            except DuplicateKeyError:
                return False
        return True

    def known(self, tenant_id: str) -> Callable[[str], Offer | None]:
        """The tenant's offers that are at hand without asking the database."""
        return lambda offer_id: self._known.get((tenant_id, offer_id))

    async def get(self, tenant_id: str, offer_id: str) -> Offer | None:
        """One offer; None for what does not exist."""
        known = self._known.get((tenant_id, offer_id))
        if known is not None:
            return known
        with outages():
            found = await self._offers.find_one({"_id": {"t": tenant_id, "o": offer_id}})
        if found is None:
            return None
        offer = msgspec.convert(found, Offer)
        if len(self._known) >= _CACHE_MAX:
            self._known.popitem(last=False)
        self._known[tenant_id, offer_id] = offer
        return offer

    async def among(self, tenant_id: str, offer_ids: Iterable[str]) -> list[Offer]:
        """Those of the ids that exist, in order of id."""
        known = self.known(tenant_id)
        at_hand = {offer_id: known(offer_id) for offer_id in offer_ids}
        asked = [{"t": tenant_id, "o": key} for key, offer in at_hand.items() if offer is None]
        read: list[Any] = []
        if asked:
            with outages():
                read = await self._offers.find({"_id": {"$in": asked}}).to_list(None)
        offers = [offer for offer in at_hand.values() if offer is not None]
        offers += [msgspec.convert(one, Offer) for one in read]
        return sorted(offers, key=lambda offer: offer.offer_id)

    async def page(
        self, tenant_id: str, *, after: str, limit: int, current_ms: int | None = None
    ) -> list[Offer]:
        """Offers in order of id, beyond the id `after`; with current_ms, those good then."""
        query: dict[str, Any] = {"_id.t": tenant_id, "_id.o": {"$gt": after}}
        if current_ms is not None:
            over = {"valid_until_ms": {"$gt": 0, "$lte": current_ms}}
            query["$nor"] = [{"valid_from_ms": {"$gt": current_ms}}, over]
        with outages():
            found = await self._offers.find(query).sort("_id.o", 1).limit(limit).to_list(None)
        return [msgspec.convert(one, Offer) for one in found]

    async def remember(
        self, tenant_id: str, actor: str, request_id: str, print_: bytes, now_ms: int
    ) -> tuple[bytes, int]:
        """Writes a batch's request down, once: answers the first one's fingerprint and time."""
        key = {"t": tenant_id, "by": actor, "r": request_id}
        entry = {"_id": key, "print": print_, "now_ms": now_ms, "at": datetime.now(UTC)}
        with outages():
            with contextlib.suppress(DuplicateKeyError):
                await self._requests.insert_one(entry)
                return print_, now_ms
            found = await self._requests.find_one({"_id": key})
        return (bytes(found["print"]), int(found["now_ms"])) if found else (print_, now_ms)

    async def remembered(self, tenant_id: str, actor: str, request_id: str) -> bytes | None:
        """The fingerprint that remember() wrote first; None for none."""
        with outages():
            key = {"t": tenant_id, "by": actor, "r": request_id}
            found = await self._requests.find_one({"_id": key})
        return bytes(found["print"]) if found else None
