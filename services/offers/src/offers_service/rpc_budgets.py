"""A campaign's budget between the wire and the domain."""

from __future__ import annotations

from collections.abc import Sequence

from dangol.offers.v1 import campaign_budget_pb2 as pb
from dangol.offers.v1 import campaign_service_pb2 as campaign_pb

from offers_service.budgets import Terms
from offers_service.rpc_common import amount, money
from offers_service.store_budgets import Standing


def read_terms(message: campaign_pb.Campaign, currency: str) -> Terms:
    """The limits that a campaign is to have. Raises RpcFailure, naming the field at fault."""
    budget = message.budget
    limit = 0
    if budget.HasField("amount"):
        limit = amount(budget.amount, currency, "campaign.budget.amount")
    return Terms(budget.coupon_count, limit, currency if limit else "")


def write_terms(terms: Terms) -> pb.CampaignBudget | None:
    """The limits as clients see them; None for none."""
    if not (terms.coupons or terms.money):
        return None
    message = pb.CampaignBudget(coupon_count=terms.coupons)
    if terms.money:
        message.amount.CopyFrom(money(terms.money, terms.currency))
    return message


def write_use(stripes: Sequence[Standing]) -> pb.BudgetUse | None:
    """How far a limit is used up, over all stripes of one instant; None for no limit."""
    if not stripes:
        return None
    limit = sum(stripe.limit for stripe in stripes)
    held = sum(stripe.held for stripe in stripes)
    spent = sum(stripe.spent for stripe in stripes)
    return pb.BudgetUse(limit=limit, held=held, spent=spent, left=limit - held - spent)
