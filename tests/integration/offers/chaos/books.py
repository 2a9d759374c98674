"""Every account of a run's tenant as MongoDB has it for good, with the pages of its journal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pymongo import AsyncMongoClient

from tests.integration.offers.chaos.limits import CODE_CAMPAIGN, MONEY_LIMIT
from tests.integration.offers.judging.history import History
from tests.integration.offers.judging.purses import judge_budget, judge_codes, judge_points

Document = Mapping[str, Any]
Journals = Mapping[str, Sequence[Document]]


class Books:
    """documents: by account id, each with all of its entries."""

    def __init__(self, documents: Mapping[str, Document]) -> None:
        self._documents = documents

    def lines(self, kind: str, **fields: str) -> Journals:
        """The lines of every account of a kind whose fields are so."""
        return {
            name: one["entries"]
            for name, one in self._documents.items()
            if one["kind"] == kind and all(one.get(field) == fields[field] for field in fields)
        }

    def judge(self, history: History, *, coupon_limit: int) -> list[str]:
        """Points, codes and every budget."""
        issued = self.lines("coupon", campaign=CODE_CAMPAIGN)
        owners = {name: lines[0]["owner"] for name, lines in issued.items()}
        faults = judge_points(history, self.lines("points"))
        faults += judge_codes(history, self.lines("code"), owners, coupon_limit)
        budgets = {
            (one["campaign"], one["measure"])
            for one in self._documents.values()
            if one["kind"] == "budget"
        }
        for campaign, measure in sorted(budgets):
            stripes = self.lines("budget", campaign=campaign, measure=measure)
            of_money = measure == "money"
            limit = MONEY_LIMIT if of_money else coupon_limit
            coupons = [
                one
                for one in self._documents.values()
                if of_money and one["kind"] == "coupon" and one.get("campaign") == campaign
            ]
            faults += judge_budget(campaign, stripes, limit, coupons)
        return faults


async def read_books(url: str, tenant_id: str) -> Books:
    """All of a tenant's accounts."""
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(url)
    database = client["dangol_offers"]
    documents = {
        one["_id"]["a"]: one async for one in database["accounts"].find({"_id.t": tenant_id})
    }
    sealed: dict[str, list[Document]] = {}
    async for page in database["pages"].find({"_id.t": tenant_id}).sort("_id", 1):
        known = sealed.setdefault(page["_id"]["a"], [])
        # A page that a crash left behind is not yet dropped from its document.
        if page["last"] <= documents[page["_id"]["a"]].get("sealed", 0):
            known.extend(page["entries"])
    for name, pages in sealed.items():
        documents[name]["entries"] = [*pages, *documents[name]["entries"]]
    await client.close()
    return Books(documents)
