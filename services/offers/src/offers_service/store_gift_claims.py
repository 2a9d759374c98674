"""Claimed gifts of a campaign's coupons, for its report; reads collection `accounts` only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pymongo.read_concern import ReadConcern

from offers_service.gift_account import RECIPIENT_ARM, GiftState
from offers_service.report_figures import NO_ARM, Claim
from offers_service.store_accounts import NAME, outages


class GiftClaimStore:
    """The first claim of each customer. Raises OutcomeUnknownError."""

    def __init__(self, database: Any) -> None:
        self._accounts = database.get_collection(NAME, read_concern=ReadConcern("majority"))

    async def of_campaign(self, tenant_id: str, campaign_id: str) -> list[Claim]:
        """In order of time. The recipient's arm is the one that the gift's journal recorded."""
        query = {
            "_id.t": tenant_id,
            "campaign": campaign_id,
            "kind": "gift",
            "state": GiftState.CLAIMED.value,
        }
        claims: dict[str, Claim] = {}
        with outages():
            async for document in self._accounts.find(query).sort("closed_ms", 1):
                claim = _to_claim(document, campaign_id)
                claims.setdefault(claim.customer_id, claim)
        return list(claims.values())


def _to_claim(document: Mapping[str, Any], campaign_id: str) -> Claim:
    facts = {name: value for entry in document["entries"] for name, value in entry.get("facts", ())}
    return Claim(
        document["claimer"],
        int(document["closed_ms"]),
        facts.get(RECIPIENT_ARM + campaign_id, NO_ARM),
        int(document.get("referral", 0)) > 0,
    )
