"""What insight says of each customer, as fields that rules can use. Pure.

The fields are numbers: `churn` (probability of having left), `expected_orders` and
`expected_value` (of the next 90 days; value in major units of the tenant's currency),
`rfm_recency`, `rfm_frequency`, `rfm_money` (1 to 5), and `revenue_rank` (share of customers who
brought more: below 0.2 is the top fifth).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from profile_service import bg_nbd, gamma_gamma, scores
from profile_service.bg_nbd import BgNbd
from profile_service.buyers import Buyers
from profile_service.domain import Customer, FieldKind, FieldValue
from profile_service.gamma_gamma import GammaGamma

HORIZON_WEEKS = 90 / 7
NAMES = (
    "churn",
    "expected_orders",
    "expected_value",
    "rfm_recency",
    "rfm_frequency",
    "rfm_money",
    "revenue_rank",
)
# Of facts: the share of customers who brought more profit, and days from purchase to purchase.
FACT_NAMES = ("profit_rank", "purchase_cycle_days")
_PLACES = 4


@dataclass(frozen=True, slots=True)
class Insight:
    """Of one tenant: the models, None where there are too few customers for them, the share of
    revenue that the best fifth brought, and each customer's numbers by field."""

    buyer_count: int
    lifetimes: BgNbd | None
    spending: GammaGamma | None
    top_fifth_share: float
    fields_by_customer: Mapping[str, Mapping[str, Decimal]]


def derive(buyers: Buyers, minor_units_per_major: int) -> Insight:
    """Everything at once, from everybody who ever bought."""
    lifetimes, spending = bg_nbd.fit(buyers), gamma_gamma.fit(buyers)
    recency, frequency, money = scores.rfm(buyers).T.tolist()
    columns: dict[str, list[float]] = {
        "rfm_recency": recency,
        "rfm_frequency": frequency,
        "rfm_money": money,
    }
    columns["revenue_rank"] = scores.revenue_rank(buyers.revenue).tolist()
    if lifetimes is not None:
        orders = bg_nbd.expected_orders(lifetimes, buyers, HORIZON_WEEKS)
        columns["churn"] = (1 - bg_nbd.probability_alive(lifetimes, buyers)).tolist()
        columns["expected_orders"] = orders.tolist()
        if spending is not None:
            value = gamma_gamma.expected_value(spending, buyers) / minor_units_per_major
            columns["expected_value"] = (orders * value).tolist()
    return Insight(
        len(buyers),
        lifetimes,
        spending,
        scores.top_share(buyers.revenue),
        {
            customer_id: {name: _number(column[row]) for name, column in columns.items()}
            for row, customer_id in enumerate(buyers.customer_ids)
        },
    )


def with_numbers(
    customer: Customer, names: Collection[str], numbers: Mapping[str, Decimal]
) -> Customer:
    """The customer with these numbers, and no others of these names; the same when nothing
    changed."""
    fields = {name: one for name, one in customer.attributes.fields.items() if name not in names}
    for name, number in numbers.items():
        fields[name] = FieldValue(FieldKind.NUMBER, format(number, "f"))
    if fields == customer.attributes.fields:
        return customer
    attributes = replace(customer.attributes, fields=fields)
    return replace(customer, version=customer.version + 1, attributes=attributes)


def _number(value: float) -> Decimal:
    """Rounded, so that a customer of whom nothing new is known is not written again and again."""
    return Decimal(str(round(value, _PLACES)))
