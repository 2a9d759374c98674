"""Figures of campaigns and coupons for dashboards, put together for __main__.

They are of all tenants together; money is by currency, in its major unit. Nothing is looked up or
measured in a process whose metrics nobody reads.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from dangol.profile.v1.event_service_pb2_grpc import EventServiceStub
from dangol_service_kit.clock import wall_ms
from dangol_service_kit.currencies import exponent_of
from dangol_service_kit.metrics import Metrics
from dangol_service_kit.metrics_process import Watched

from offers_service.delivery_parts import DeliveryParts
from offers_service.ledger_parts import LedgerParts
from offers_service.reports import ProfilePurchases, Reporter
from offers_service.service_base import Base
from offers_service.service_outcomes import OutcomeRounds
from offers_service.store_campaigns import CampaignStore
from offers_service.store_enrolments import EnrolmentStore
from offers_service.store_gift_claims import GiftClaimStore
from offers_service.store_outcomes import CampaignOutcome, OutcomeStore
from offers_service.store_told import CouponTally

_LOOK_SECONDS = 60.0
_CURRENCY = "currency"
Money = Callable[[CampaignOutcome], float]


class OutcomeGauges:
    """Tells what campaigns have come to, as it is stored, which is looked at every minute."""

    def __init__(self, metrics: Metrics, store: OutcomeStore) -> None:
        self._store = store
        self._by_currency: Mapping[str, CampaignOutcome] = {}
        name = "dangol.offers.campaign_"
        metrics.gauge_by(
            name + "customers",
            "Customers whose conversion window has ended, in campaigns that have a control group.",
            "group",
            lambda: self._by_group("treated", "control"),
        )
        metrics.gauge_by(
            name + "converted",
            "Those of them who bought within it.",
            "group",
            lambda: self._by_group("treated_converted", "control_converted"),
        )
        metrics.gauge_by(
            name + "won_back",
            "Treated customers who bought, beyond what the control groups' shares predict.",
            _CURRENCY,
            lambda: {code: one.won_back for code, one in self._by_currency.items()},
        )
        metrics.gauge_by(
            name + "revenue",
            "What treated customers spent, beyond what the control groups' means predict.",
            _CURRENCY,
            lambda: self._money(lambda one: one.revenue),
        )
        metrics.gauge_by(
            name + "cost",
            "What the campaigns' coupons took off.",
            _CURRENCY,
            lambda: self._money(lambda one: one.cost),
        )
        age = "Since the running campaign that waits longest was measured; once a day is the rule."
        gauges = {"age": (name + "age", "s", age)}
        Watched(metrics, gauges, self.look, every_seconds=_LOOK_SECONDS)

    async def look(self) -> Mapping[str, float]:
        """Reads the sums; answers the age of the oldest in seconds."""
        self._by_currency = {}
        found = await self._store.totals()
        self._by_currency = found.by_currency
        if found.oldest_ms is None:
            return {"age": 0.0}
        return {"age": max(time.time_ns() // 1_000_000 - found.oldest_ms, 0) / 1000}

    def _by_group(self, treated: str, control: str) -> dict[str, float]:
        names = {"treated": treated, "control": control}
        return {
            group: float(sum(getattr(one, name) for one in self._by_currency.values()))
            for group, name in names.items()
        }

    def _money(self, of: Money) -> dict[str, float]:
        return {code: of(one) / 10 ** exponent_of(code) for code, one in self._by_currency.items()}


def observe_coupons(metrics: Metrics, tally: CouponTally) -> None:
    """What happened to coupons."""
    metrics.total_by(
        "dangol.offers.coupons",
        "Coupons by what happened to them.",
        "step",
        lambda: dict(tally.counts),
    )


class KpiParts:
    """`observe` before the server starts, `prepare` before anything is written."""

    def __init__(
        self,
        base: Base,
        parts: LedgerParts,
        delivery: DeliveryParts,
        *,
        wall_ms: Callable[[], int] = wall_ms,
    ) -> None:
        self._tally = parts.accounts.tally
        self.store = OutcomeStore(base.database)
        self.prepare = self.store.prepare
        stub = EventServiceStub(base.profile)
        self.rounds = OutcomeRounds(
            campaigns=CampaignStore(base.database),
            reporter=Reporter(
                enrolments=EnrolmentStore(base.database),
                ledger=parts.ledger,
                purchases=ProfilePurchases(stub, base.credentials.token),
                claims=GiftClaimStore(base.database),
                messages=delivery.store,
                ancestry=parts.lineage,
            ),
            store=self.store,
            directory=base.directory,
            clock=base.clock,
            wall_ms=wall_ms,
        )

    def observe(self, metrics: Metrics) -> OutcomeGauges:
        """Registers all of it; campaigns are measured beside the server, if anyone is told."""
        observe_coupons(metrics, self._tally)
        metrics.beside(self.rounds.run)
        return OutcomeGauges(metrics, self.store)
