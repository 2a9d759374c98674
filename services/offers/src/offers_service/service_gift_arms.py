"""In which arms of which campaigns a giver or recipient is, for the journal of gifts."""

from __future__ import annotations

from collections.abc import Iterable

from offers_service.gifts import Facts
from offers_service.service_lineage import Lineage
from offers_service.store_enrolments import EnrolmentStore, StoredEnrolment

ARMS_MAX = 50
NO_ARM = "none"


def arms_of(enrolments: Iterable[StoredEnrolment], campaign_id: str) -> list[tuple[str, str]]:
    """(campaign, arm) of one person: the coupon's own campaign first, then in order every other
    that enrolled them, at most 50. Someone whose ids were enrolled into several arms of a campaign
    before they were merged is in that of the earliest."""
    arms: dict[str, str] = {}
    firsts = sorted(enrolments, key=lambda one: (one.enrolment.triggered_at_ms, one.number))
    for stored in firsts:
        arms.setdefault(stored.enrolment.campaign_id, stored.enrolment.arm)
    own = [(campaign_id, arms.pop(campaign_id, NO_ARM))] if campaign_id else []
    return (own + sorted(arms.items()))[:ARMS_MAX]


class Arms:
    """Reads enrolments."""

    def __init__(self, enrolments: EnrolmentStore, lineage: Lineage) -> None:
        self._enrolments = enrolments
        self._lineage = lineage

    async def facts(self, tenant_id: str, customer_id: str, campaign_id: str, prefix: str) -> Facts:
        """The arms of a customer as facts whose names begin with prefix."""
        ids = [customer_id, *await self._lineage.sources(tenant_id, customer_id)]
        found = await self._enrolments.of_customers(tenant_id, ids)
        return tuple((prefix + name, arm) for name, arm in arms_of(found, campaign_id))
