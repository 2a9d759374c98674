"""The dashboard of customers and campaigns: whom a shop is losing, and what wins them back."""

from __future__ import annotations

from dangol_dev.monitoring.panels import SELECTOR, Panel, greatest

# Ready segments of customers at risk (docs/segments.md); a test compares them.
MISSED = (
    "about-to-be-dormant",
    "cancelled-at-once",
    "cart-that-grows",
    "dormant-for-a-year",
    "five-visits-no-order",
    "left-in-the-cart",
    "monthly-a-year-ago",
    "paid-but-out-of-stock",
    "returned-after-delivery",
    "two-stars-or-less",
    "vip-slipping-away",
)
_FOUND = "|".join(MISSED)
_COUPONS = "dangol_offers_coupons_total"
_CAMPAIGN = "dangol_offers_campaign_"


def _added(metric: str, by: str, more: str = "", window: str = "1d") -> str:
    """By how much a counter grew, over all pods."""
    labels = f"{SELECTOR}, {more}" if more else SELECTOR
    return f"sum by ({by}) (increase({metric}{{{labels}}}[{window}]))"


def _highest(metric: str, by: str = "", more: str = "") -> str:
    """What any pod says: all say the same, and one may not have looked yet."""
    return greatest(metric, "", by, more)[0]


def _in_a_month(step: str) -> str:
    return _added(_COUPONS, "dangol", f'step="{step}"', "30d")


def _by_group(metric: str, group: str) -> str:
    return _highest(f"{_CAMPAIGN}{metric}", more=f'group="{group}"')


def _share(group: str) -> str:
    return f"{_by_group('converted', group)} / {_by_group('customers', group)}"


def _per_currency(metric: str) -> tuple[str, str]:
    return greatest(metric, "{{currency}}", "currency")


_CUSTOMERS = [
    Panel(
        "Missed customers found",
        "short",
        "Customers who entered a ready segment of missed customers within a day, by segment.",
        [
            (
                _added(
                    "dangol_segmentation_memberships_entered_total",
                    "segment",
                    f'segment=~"{_FOUND}"',
                ),
                "{{segment}}",
            )
        ],
    ),
    Panel(
        "Missed customers no more",
        "short",
        "Customers who left one within a day: they bought, or nothing is to be done any more.",
        [
            (
                _added(
                    "dangol_segmentation_memberships_left_total", "segment", f'segment=~"{_FOUND}"'
                ),
                "{{segment}}",
            )
        ],
    ),
    Panel(
        "Changes of own segments",
        "short",
        "Customers who entered and left segments that are not ready ones, within a day.",
        [
            (
                _added(f"dangol_segmentation_memberships_{kind}_total", "segment", 'segment="own"'),
                kind,
            )
            for kind in ("entered", "left")
        ],
    ),
    Panel(
        "Customers at risk",
        "short",
        "Their last purchase is 60 to 90 days ago, as of the last night.",
        [greatest("dangol_profile_customers_at_risk", "at risk")],
    ),
    Panel(
        "Revenue at risk",
        "short",
        "What they bought in the year before, by currency.",
        [_per_currency("dangol_profile_revenue_at_risk")],
    ),
    Panel(
        "Lost, won back, new",
        "short",
        "In 30 days: no purchase for 90 days; bought again after that; bought for the first time.",
        [
            greatest("dangol_profile_customers_lost", "lost"),
            greatest("dangol_profile_customers_won_back", "won back"),
            greatest("dangol_profile_customers_new", "new"),
        ],
    ),
]
_COUPON_PANELS = [
    Panel(
        "Coupons",
        "short",
        "Within a day, by what happened to them.",
        [
            (
                _added(_COUPONS, "step", 'step=~"issued|held|redeemed|reversed|revoked"'),
                "{{step}}",
            )
        ],
    ),
    Panel(
        "Coupons used",
        "percentunit",
        "Redeemed coupons beside issued ones, within 30 days.",
        [
            (
                f"{_in_a_month('redeemed')} / {_in_a_month('issued')}",
                "redeemed",
            )
        ],
    ),
    Panel(
        "Gifts",
        "short",
        "Coupons given to somebody within a day, claimed, and gone back to their giver.",
        [(_added(_COUPONS, "step", 'step=~"gifted|claimed|returned"'), "{{step}}")],
    ),
]
_CAMPAIGNS = [
    Panel(
        "Share who bought",
        "percentunit",
        "Of customers whose conversion window has ended, in campaigns with a control group.",
        [(_share("treated"), "treated"), (_share("control"), "control")],
    ),
    Panel(
        "Lift",
        "percentunit",
        "Share of treated customers who bought because they were treated: each campaign against "
        "its own control group.",
        [
            (
                f"sum({_highest(_CAMPAIGN + 'won_back', 'currency')}) / "
                f"{_by_group('customers', 'treated')}",
                "lift",
            )
        ],
        signed=True,
    ),
    Panel(
        "Customers won back",
        "short",
        "Treated customers who bought, beyond what the control groups' shares predict, by the "
        "currency of their shop.",
        [_per_currency(_CAMPAIGN + "won_back")],
        signed=True,
    ),
    Panel(
        "Revenue won back",
        "short",
        "What treated customers spent, beyond what the control groups' means predict.",
        [_per_currency(_CAMPAIGN + "revenue")],
        signed=True,
    ),
    Panel(
        "Cost of coupons",
        "short",
        "What the campaigns' coupons took off.",
        [_per_currency(_CAMPAIGN + "cost")],
    ),
    Panel(
        "Cost of a customer won back",
        "short",
        "Cost by customers won back, where there are any.",
        [
            (
                f"{_highest(_CAMPAIGN + 'cost', 'currency')} / "
                f"({_highest(_CAMPAIGN + 'won_back', 'currency')} > 0)",
                "{{currency}}",
            )
        ],
    ),
    Panel(
        "Age of these figures",
        "s",
        "Since whoever waits longest was computed; a day is the rule.",
        [
            greatest("dangol_profile_insight_age_seconds", "shops"),
            greatest(_CAMPAIGN + "age_seconds", "campaigns"),
        ],
    ),
]
KPIS = [*_CUSTOMERS, *_COUPON_PANELS, *_CAMPAIGNS]
