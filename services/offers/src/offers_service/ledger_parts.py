"""The journal's half, put together: what the other parts of the process stand on."""

from __future__ import annotations

from dataclasses import dataclass

from offers_service.clients import ProfilePeople
from offers_service.keyring import Keyring
from offers_service.ledger_audit import AuditParts
from offers_service.points_parts import PointsParts
from offers_service.service_carts import CartDesk
from offers_service.service_claims import ClaimDesk
from offers_service.service_gift_days import DayLimits
from offers_service.service_gifts import GiftDesk
from offers_service.service_ledger import CouponLedger
from offers_service.service_lineage import Lineage
from offers_service.service_merges import MergeFollower
from offers_service.service_owners import Owners
from offers_service.service_reversals import Reversals
from offers_service.service_settlement import BudgetedGroup
from offers_service.store_merges import MergeStore
from offers_service.store_offers import OfferStore
from offers_service.store_told import ToldAccounts


@dataclass(frozen=True, slots=True)
class LedgerParts:
    """The journal's half: accounts, coupons, gifts, offers."""

    accounts: ToldAccounts
    group: BudgetedGroup
    offers: OfferStore
    ledger: CouponLedger
    carts: CartDesk
    reversals: Reversals
    audit: AuditParts
    merges: MergeStore
    lineage: Lineage
    follower: MergeFollower
    owners: Owners
    desk: GiftDesk
    claims: ClaimDesk
    limits: DayLimits
    people: ProfilePeople
    points: PointsParts
    keyring: Keyring
