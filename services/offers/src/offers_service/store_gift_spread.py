"""Gifts as the spread's report reads them; reads collection `accounts` only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pymongo.read_concern import ReadConcern

from offers_service.gift_account import RECIPIENT_ARM, GiftState, Opener
from offers_service.report_figures import NO_ARM
from offers_service.spread import SentGift
from offers_service.store_accounts import NAME, outages

_FIELDS = ("owner", "claimer", "state", "offered_ms", "closed_ms", "expire_ms", "opened")
_PROJECTION = {**dict.fromkeys(_FIELDS, 1), "campaign": 1, "referral": 1, "entries.facts": 1}
# Ids of gifts of coupons, and what comes behind them.
_FIRST, _BEHIND = "g_", "g`"


class GiftSpreadStore:
    """Raises OutcomeUnknownError."""

    def __init__(self, database: Any) -> None:
        self._accounts = database.get_collection(NAME, read_concern=ReadConcern("majority"))

    async def gifts(
        self, tenant_id: str, *, campaign: str, offer: str, from_ms: int, until_ms: int
    ) -> list[SentGift]:
        """Gifts of coupons that were offered from from_ms to before until_ms (0 for no bound), of
        one campaign and one offer unless these are empty."""
        wanted = {"campaign": campaign, "offer": offer}
        query: dict[str, Any] = {name: value for name, value in wanted.items() if value}
        bounds = {"$gte": from_ms, "$lt": until_ms}
        if offered := {name: at_ms for name, at_ms in bounds.items() if at_ms}:
            query["offered_ms"] = offered
        if campaign:
            query |= {"_id.t": tenant_id, "kind": "gift"}
        else:
            # A range over _id: there is no index by kind alone.
            first, behind = ({"t": tenant_id, "a": one} for one in (_FIRST, _BEHIND))
            query["_id"] = {"$gte": first, "$lt": behind}
        with outages():
            found = await self._accounts.find(query, _PROJECTION).to_list(None)
        return [_to_gift(document) for document in found]


def _to_gift(document: Mapping[str, Any]) -> SentGift:
    facts = {name: value for entry in document["entries"] for name, value in entry.get("facts", ())}
    opened = document.get("opened", ())
    return SentGift(
        gift_id=document["_id"]["a"],
        giver=document["owner"],
        claimer=document.get("claimer", ""),
        state=GiftState(document["state"]),
        offered_ms=int(document["offered_ms"]),
        closed_ms=int(document.get("closed_ms", 0)),
        expire_ms=int(document["expire_ms"]),
        opened=bool(opened),
        opened_by_customer=Opener.CUSTOMER.value in opened,
        new_member=int(document.get("referral", 0)) > 0,
        arm=facts.get(RECIPIENT_ARM + document.get("campaign", ""), NO_ARM),
    )
