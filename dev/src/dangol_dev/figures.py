"""What a demo run comes to: the figures of each shop, the checks on them, and their JSON.

The JSON of a run (`to_json`) is {"seed", "seconds", "ok", "shops": [...]}; a shop holds the
fields of `ShopFigures` by the same names. Amounts are integers in the currency's minor unit,
lifts are differences of conversion shares (0.1 is ten percentage points), times are seconds.
"""

import dataclasses
import json
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Check:
    """A figure of the platform beside what it has to be."""

    name: str
    expected: int
    actual: int

    @property
    def ok(self) -> bool:
        """Whether they are equal."""
        return self.expected == self.actual


@dataclass(frozen=True)
class SegmentFigure:
    """A segment's size at the end; expected_size is computed from the data, if it was.

    name is the English one; korean is empty where there is none.
    """

    segment_id: str
    name: str
    size: int
    at_risk: bool
    expected_size: int | None = None
    korean: str = ""


@dataclass(frozen=True)
class Explained:
    """Why one customer is in one segment, in words."""

    customer_id: str
    segment_id: str
    english: str
    korean: str


@dataclass(frozen=True)
class RevenueLift:
    """The same in minor units of revenue for each customer."""

    planted: float
    estimate: float
    lower: float
    upper: float

    @property
    def inside(self) -> bool:
        """Whether the interval holds what was planted."""
        return self.lower <= self.planted <= self.upper


@dataclass(frozen=True)
class Lift:
    """A measured difference in conversion between treated and control, with its 95 % interval.

    planted is the difference that is true by construction: 0 for a placebo. triggered counts
    enrolments, control those of the control group.
    """

    campaign_id: str
    planted: float
    estimate: float
    lower: float
    upper: float
    triggered: int
    control: int
    incremental_customers: float
    cost_per_incremental_customer: float | None
    sample_ratio_p_value: float
    revenue: RevenueLift | None = None

    @property
    def inside(self) -> bool:
        """Whether the interval holds the planted lift."""
        return self.lower <= self.planted <= self.upper


@dataclass(frozen=True)
class CampaignFigure:
    """What a campaign issued and what came of it; listed: for customers of a list.

    measured are the customers whose window has ended, converted those of them who bought in it,
    revenue what they bought, in minor units.
    """

    campaign_id: str
    triggered: int
    issued: int
    redeemed: int
    gifted: int
    listed: bool = False
    measured: int = 0
    converted: int = 0
    revenue: int = 0

    @property
    def redemption_rate(self) -> float:
        """The share of the coupons that was redeemed; 0 for none."""
        return self.redeemed / self.issued if self.issued else 0.0


@dataclass(frozen=True)
class Refusal:
    """Steps that the platform refused, why, and whether that had to be so."""

    reason: str
    count: int
    explanation: str


@dataclass
class ShopFigures:
    """Everything the summary says about one shop."""

    tenant_id: str
    name: str
    currency: str
    currency_digits: int
    customers: int = 0
    events: int = 0
    purchases: int = 0
    lines: int = 0
    sales: int = 0
    coupons_issued: int = 0
    redemptions: int = 0
    revenue_at_risk: int = 0
    customers_at_risk: int = 0
    segments: list[SegmentFigure] = field(default_factory=list)
    explained: Explained | None = None
    campaigns: list[CampaignFigure] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    gifts: dict[str, int] = field(default_factory=dict)
    lifts: list[Lift] = field(default_factory=list)
    trial_balance_difference: int = 0
    disagreeing_books: int = 0
    accounts_verified: int = 0
    entries_verified: int = 0
    journal_faults: int = 0
    event_types: dict[str, int] = field(default_factory=dict)
    checks: list[Check] = field(default_factory=list)
    retries: int = 0
    seconds: float = 0.0

    @property
    def events_per_second(self) -> float:
        """Events acknowledged a second of the whole replay, everything else included."""
        return self.events / self.seconds if self.seconds else 0.0

    @property
    def failures(self) -> list[Check]:
        """The checks that did not hold."""
        return [check for check in self.checks if not check.ok]

    def check(self, name: str, expected: int, actual: int) -> None:
        """Note a figure beside what it has to be."""
        self.checks.append(Check(name, expected, actual))


@dataclass
class Summary:
    """Both shops of one run."""

    seed: int
    shops: list[ShopFigures]
    seconds: float

    @property
    def ok(self) -> bool:
        """Whether every check of every shop held."""
        return not any(shop.failures for shop in self.shops)

    def to_json(self) -> str:
        """The figures as JSON, keys in the order of the dataclasses."""
        return json.dumps(self._as_dict(), ensure_ascii=False, indent=2) + "\n"

    def _as_dict(self) -> dict[str, Any]:
        shops = []
        for shop in self.shops:
            content = dataclasses.asdict(shop)
            content["events_per_second"] = round(shop.events_per_second, 1)
            for lift, written in zip(shop.lifts, content["lifts"], strict=True):
                written["inside"] = lift.inside
            for check, written in zip(shop.checks, content["checks"], strict=True):
                written["ok"] = check.ok
            shops.append(content)
        return {"seed": self.seed, "seconds": round(self.seconds, 3), "ok": self.ok, "shops": shops}
