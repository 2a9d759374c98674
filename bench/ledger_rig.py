"""The ledger's use cases over a database of their own, with nobody in profile to be asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dangol_service_kit.tenants import TenantInfo
from offers_service.budget_parts import budgeted_group
from offers_service.budgets import Terms
from offers_service.campaigns import Campaign, CampaignState
from offers_service.codes import Secrets
from offers_service.coupon_outcomes import CouponOutcome
from offers_service.coupons import Hold, Settle
from offers_service.journal import Request
from offers_service.offers import Offer, Restore
from offers_service.points_program import Program
from offers_service.service_claims import ClaimDesk
from offers_service.service_codes import CodeDesk
from offers_service.service_followers import GiftFollower
from offers_service.service_gift_arms import Arms
from offers_service.service_gift_days import DayLimits
from offers_service.service_gifts import GiftDesk, Person
from offers_service.service_ledger import CouponLedger
from offers_service.service_lineage import Lineage
from offers_service.service_points import PointsBook, PointsDesk
from offers_service.service_points_gifts import PointsGiftDesk
from offers_service.service_reversals import Reversals
from offers_service.store_accounts import AccountStore
from offers_service.store_audit import AuditStore
from offers_service.store_campaigns import CampaignStore
from offers_service.store_code_batches import CodeBatchStore
from offers_service.store_enrolments import EnrolmentStore
from offers_service.store_merges import MergeStore
from offers_service.store_offers import OfferStore
from offers_service.store_points import ProgramStore

NOW_MS = 1_700_000_000_000
SECRETS = Secrets(b"c" * 32, b"t" * 32, b"l" * 32, b"f" * 32)
OFFER = Offer(
    offer_id="fixed",
    currency="KRW",
    created_ms=NOW_MS,
    fixed_minor_units=5_000,
    giftable=True,
    restore=Restore.RESTORE,
)
_PROGRAM = Program(
    1, "KRW", "Asia/Seoul", points=10, per_minor_units=1_000, gift_daily_points=1_000_000
)
# Campaigns with more than enough, in stripes as large budgets have them.
COUNTED, MONEY = "counted", "money"
_BUDGETS = {
    "spring": Terms(),
    COUNTED: Terms(coupons=1_000_000),
    MONEY: Terms(money=10_000_000_000, currency="KRW"),
}


def budgeted_campaign(tenant_id: str, name: str, budget: Terms) -> Campaign:
    """A running campaign that does nothing but pay for coupons."""
    return Campaign(
        tenant_id=tenant_id,
        campaign_id=name,
        display_names=(),
        trigger=None,
        control_basis_points=0,
        variants=(),
        conversion_window_ms=1,
        state=CampaignState.RUNNING,
        created_at_ms=NOW_MS,
        budget=budget,
    )


class Everybody:
    """Profile's part: each id is a member of its own, and nobody was merged."""

    async def find(self, _tenant_id: str, customer_id: str) -> Person | None:
        """A member."""
        return Person(customer_id, member=True)

    async def owner_of(self, _tenant_id: str, _coupon_id: str, _customer_id: str) -> str | None:
        """Nothing to mend."""
        return None

    async def any_member(self, _tenant_id: str, _identifiers: Sequence[tuple[str, str]]) -> bool:
        """All are."""
        return True

    async def sign_up(
        self, _tenant_id: str, _request_id: str, identifiers: Sequence[tuple[str, str]]
    ) -> Person | None:
        """Under the first name."""
        return Person(identifiers[0][1], member=True)

    async def get(self, tenant_id: str) -> TenantInfo:
        """The tenant."""
        return TenantInfo(tenant_id, "Asia/Seoul", "KRW", "ko", virtual=False)


def secrets_of(_tenant_id: str) -> Secrets:
    """The tenant's keys."""
    return SECRETS


class LedgerRig:
    """Coupons, gifts and points as the service puts them together, daily limits included."""

    def __init__(self, mongodb: Any, database: Any) -> None:
        self.accounts = AccountStore(database)
        self._offers, self._programs = OfferStore(database), ProgramStore(database)
        self._merges, self._enrolments = MergeStore(database), EnrolmentStore(database)
        self._campaigns, batches = CampaignStore(database), CodeBatchStore(database)
        self._batches = batches
        self.group = group = budgeted_group(database, self.accounts, secrets_of)
        lineage, people = Lineage(self._merges), Everybody()
        follower = GiftFollower(group, secrets_of)
        self.ledger = CouponLedger(
            accounts=self.accounts,
            group=group,
            offers=self._offers,
            audit=AuditStore(mongodb, database),
            follower=follower,
            secrets_of=secrets_of,
            ancestry=lineage,
            budgets=group,
        )
        self.reversals = Reversals(
            group=group, offers=self._offers, follower=follower, secrets_of=secrets_of
        )
        common: dict[str, Any] = {
            "accounts": self.accounts,
            "group": group,
            "offers": self._offers,
            "follower": follower,
            "people": people,
            "lineage": lineage,
            "limits": DayLimits(
                accounts=self.accounts,
                group=group,
                directory=people,
                lineage=lineage,
                giver_max=20,
                recipient_max=20,
            ),
            "arms": Arms(self._enrolments, lineage),
            "secrets_of": secrets_of,
        }
        self.gifts = GiftDesk(owners=people, **common)
        self.claims = ClaimDesk(desk=self.gifts, sign_ups=people, **common)
        self.book = PointsBook(
            accounts=self.accounts,
            group=group,
            programs=self._programs,
            directory=people,
            lineage=lineage,
        )
        self.points = PointsDesk(self.book, people)
        self.points_gifts = PointsGiftDesk(
            accounts=self.accounts,
            group=group,
            book=self.book,
            people=people,
            lineage=lineage,
            secrets_of=secrets_of,
        )
        self.codes = CodeDesk(
            accounts=self.accounts,
            group=group,
            offers=self._offers,
            ledger=self.ledger,
            batches=batches,
            secrets_of=secrets_of,
        )

    async def prepare(self, tenant_ids: Sequence[str]) -> None:
        """Collections, indexes, each tenant's offer and points programme."""
        stores = (self.accounts, self._offers, self._programs, self._merges, self._enrolments)
        for store in (*stores, self._campaigns, self._batches):
            await store.prepare()
        for tenant_id in tenant_ids:
            for name, budget in _BUDGETS.items():
                await self._campaigns.create(budgeted_campaign(tenant_id, name, budget), name)
            await self._offers.insert(tenant_id, OFFER)
            await self._programs.put(tenant_id, _PROGRAM)
            # A process knows an offer once it has read it.
            await self._offers.get(tenant_id, OFFER.offer_id)
            await self._open_stripes(tenant_id)

    async def _open_stripes(self, tenant_id: str) -> None:
        """Budgets' stripes open with the first who come to them; steps find them open."""
        holds = {}
        for number in range(24):
            for campaign_id in ("spring", COUNTED, MONEY):
                issued = await self.ledger.issue(
                    tenant_id,
                    offer_id=OFFER.offer_id,
                    customer_id=f"early-{number}",
                    campaign_id=campaign_id,
                    cause="early",
                    actor=f"campaign:{campaign_id}",
                    now_ms=NOW_MS,
                )
            holds[str(issued.coupon_id)] = Hold(
                request=_early("hold", number),
                customer=f"early-{number}",
                order=f"early-{number}",
                order_minor_units=20_000,
                currency="KRW",
                hold_seconds=3_600,
                now_ms=NOW_MS,
            )
        for coupon_id, hold in holds.items():
            held = await self.ledger.hold(tenant_id, coupon_id, hold)
            if held.outcome is not CouponOutcome.APPLIED:
                raise RuntimeError(f"a hold was refused: {held.outcome}")
        for number, (coupon_id, hold) in enumerate(holds.items()):
            released = Settle(_early("release", number), hold.order, NOW_MS)
            await self.ledger.release(tenant_id, coupon_id, released)
        await self.settled()

    async def settled(self) -> None:
        """Returns once budgets have followed all that was answered."""
        await self.group.settled()
        await self.ledger.settled()


def _early(step: str, number: int) -> Request:
    return Request(f"early-{step}-{number}", "partner:till", b"f" * 16)
