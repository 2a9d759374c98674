"""One process of the ledger as the machine runs it: the real use cases over a faulty store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dangol_service_kit.tenants import TenantInfo
from offers_service.budget_parts import budgeted_group
from offers_service.codes import Secrets
from offers_service.coupons import Hold, Settle
from offers_service.gifts import CancelGift, OfferGift
from offers_service.journal import Request
from offers_service.reversals import Reverse, Revoke
from offers_service.service_audit import Auditor
from offers_service.service_claims import Claim, ClaimDesk, Identifiers
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
from offers_service.store_audit import AuditStore
from offers_service.store_code_batches import CodeBatchStore
from offers_service.store_enrolments import EnrolmentStore
from offers_service.store_merges import MergeStore
from offers_service.store_offers import OfferStore
from offers_service.store_points import ProgramStore

from tests.integration.offers.judging.history import Call
from tests.integration.offers.machine.faulty import FaultyAccounts

SECRETS = Secrets(b"c" * 32, b"t" * 32, b"l" * 32, b"f" * 32)
HOLD_SECONDS = 60
GIFT_SECONDS = 90


class Everybody:
    """Profile, as far as gifts ask it: each name is a member of its own."""

    async def find(self, _tenant_id: str, customer_id: str) -> Person | None:
        """A member."""
        return Person(customer_id, member=True)

    async def owner_of(self, _tenant_id: str, _coupon_id: str, _customer_id: str) -> str | None:
        """Nobody was merged."""
        return None

    async def any_member(self, _tenant_id: str, _identifiers: Identifiers) -> bool:
        """All are."""
        return True

    async def sign_up(
        self, _tenant_id: str, _request_id: str, identifiers: Identifiers
    ) -> Person | None:
        """Under the first name."""
        return Person(identifiers[0][1], member=True)


class Everywhere:
    """A directory of tenants: all are in one zone."""

    async def get(self, tenant_id: str) -> TenantInfo:
        """A tenant on wall time."""
        return TenantInfo(tenant_id, "Asia/Seoul", "KRW", "ko", virtual=False)


def secrets_of(_tenant_id: str) -> Secrets:
    """All tenants of the machine have the same keys."""
    return SECRETS


class LedgerReplica:
    """What a restart makes anew; the store, with its fates, outlives it."""

    def __init__(self, mongodb: Any, database: Any, accounts: FaultyAccounts) -> None:
        self.accounts = accounts
        self.group = group = budgeted_group(database, accounts, secrets_of)
        offers, audit = OfferStore(database), AuditStore(mongodb, database)
        follower = GiftFollower(group, secrets_of)
        self.ledger = CouponLedger(
            accounts=accounts,
            group=group,
            offers=offers,
            audit=audit,
            follower=follower,
            secrets_of=secrets_of,
            budgets=group,
        )
        common = self._gift_parts(database, group, offers, follower)
        self.gifts = GiftDesk(owners=Everybody(), **common)
        self.claims = ClaimDesk(desk=self.gifts, sign_ups=Everybody(), **common)
        self.reversals = Reversals(
            group=group, offers=offers, follower=follower, secrets_of=secrets_of
        )
        self.auditor = Auditor(accounts, audit, secrets_of)
        self._add_purses(database, group, offers)

    def _add_purses(self, database: Any, group: Any, offers: OfferStore) -> None:
        lineage, people = Lineage(MergeStore(database)), Everybody()
        self.programs = ProgramStore(database)
        self.book = PointsBook(
            accounts=self.accounts,
            group=group,
            programs=self.programs,
            directory=Everywhere(),
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
            offers=offers,
            ledger=self.ledger,
            batches=CodeBatchStore(database),
            secrets_of=secrets_of,
        )

    def _gift_parts(
        self, database: Any, group: Any, offers: OfferStore, follower: GiftFollower
    ) -> dict[str, Any]:
        lineage = Lineage(MergeStore(database))
        # The machine's people give as often as they like.
        limits = DayLimits(
            accounts=self.accounts,
            group=group,
            directory=Everywhere(),
            lineage=lineage,
            giver_max=0,
            recipient_max=0,
        )
        return {
            "accounts": self.accounts,
            "group": group,
            "offers": offers,
            "follower": follower,
            "people": Everybody(),
            "lineage": lineage,
            "limits": limits,
            "arms": Arms(EnrolmentStore(database), lineage),
            "secrets_of": secrets_of,
        }

    async def send(self, tenant_id: str, call: Call) -> Any:
        """The step's decision. Raises what the use cases raise."""
        asked = Request(call.request_id, "partner:till", _content(call))
        if call.step in {"hold", "redeem", "release"}:
            return await self._order_step(tenant_id, call, asked)
        if call.step in {"gift", "claim", "cancel"}:
            return await self._gift_step(tenant_id, call, asked)
        if call.step == "reverse":
            reverse = Reverse(asked, call.order_id, (), call.began_ms)
            return await self.reversals.reverse(tenant_id, call.coupon_id, reverse)
        revoke = Revoke(asked, call.began_ms)
        return await self.reversals.revoke(tenant_id, call.coupon_id, revoke)

    async def _order_step(self, tenant_id: str, call: Call, asked: Request) -> Any:
        if call.step == "hold":
            hold = Hold(
                request=asked,
                customer=call.who,
                order=call.order_id,
                order_minor_units=20_000,
                currency="KRW",
                hold_seconds=HOLD_SECONDS,
                now_ms=call.began_ms,
            )
            return await self.ledger.hold(tenant_id, call.coupon_id, hold)
        settle = Settle(request=asked, order=call.order_id, now_ms=call.began_ms)
        method = self.ledger.redeem if call.step == "redeem" else self.ledger.release
        return await method(tenant_id, call.coupon_id, settle)

    async def _gift_step(self, tenant_id: str, call: Call, asked: Request) -> Any:
        if call.step == "gift":
            offer = OfferGift(asked, call.who, GIFT_SECONDS, call.began_ms)
            return await self.gifts.offer(tenant_id, call.coupon_id, offer)
        if call.step == "claim":
            token = SECRETS.token(call.gift_id)
            claim = Claim(token, asked, call.began_ms, call.who)
            return (await self.claims.claim(tenant_id, claim)).decision
        cancel = CancelGift(asked, call.gift_id, call.who, call.began_ms)
        return await self.gifts.cancel(tenant_id, cancel)


def _content(call: Call) -> bytes:
    """The fingerprint of what is asked for, without when."""
    asked: Mapping[str, str] = {
        "step": call.step,
        "who": call.who,
        "order": call.order_id,
        "gift": call.gift_id,
    }
    return SECRETS.print(*asked.values())
