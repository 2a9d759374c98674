"""The gifts' part of the ledger, put together for __main__."""

from __future__ import annotations

from collections.abc import Callable

from offers_service.clients import ProfilePeople
from offers_service.codes import Secrets
from offers_service.service_claims import ClaimDesk
from offers_service.service_followers import GiftFollower
from offers_service.service_gift_arms import Arms
from offers_service.service_gift_days import DayLimits
from offers_service.service_gifts import GiftDesk
from offers_service.service_group import Group
from offers_service.service_lineage import Lineage
from offers_service.service_owners import Owners
from offers_service.store_accounts import AccountStore
from offers_service.store_offers import OfferStore


class GiftParts:
    """`desk` offers, shows and takes back; `claims` hands over."""

    def __init__(
        self,
        *,
        accounts: AccountStore,
        group: Group,
        offers: OfferStore,
        follower: GiftFollower,
        people: ProfilePeople,
        lineage: Lineage,
        owners: Owners,
        limits: DayLimits,
        arms: Arms,
        secrets_of: Callable[[str], Secrets],
    ) -> None:
        self.desk = GiftDesk(
            accounts=accounts,
            group=group,
            offers=offers,
            follower=follower,
            people=people,
            lineage=lineage,
            limits=limits,
            arms=arms,
            owners=owners,
            secrets_of=secrets_of,
        )
        self.claims = ClaimDesk(
            desk=self.desk,
            accounts=accounts,
            group=group,
            offers=offers,
            follower=follower,
            people=people,
            sign_ups=people,
            lineage=lineage,
            limits=limits,
            arms=arms,
            secrets_of=secrets_of,
        )
