"""Use cases of carts: which coupons apply, and which others an order uses. Reads only."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from offers_service.codes import Secrets
from offers_service.commit import DamagedError
from offers_service.coupon_account import AccountKey, CouponAccount, CouponState, lapse
from offers_service.coupon_outcomes import CouponOutcome
from offers_service.discounts import Candidate, Cart
from offers_service.evaluation import Asking, Evaluation, Presented, evaluate, unusable
from offers_service.ledger import ORDER_COUPONS_MAX
from offers_service.returns import place_of
from offers_service.store_accounts import AccountStore
from offers_service.store_offers import OfferStore
from offers_service.turns import Order, Other

WALLET_MAX = 500
# Coupons that ended longer ago are not judged any more.
_ENDED_MS = 7 * 24 * 3600 * 1000
_UNUSED = [
    state.value
    for state in (
        CouponState.AVAILABLE,
        CouponState.HELD,
        CouponState.HOLDING,
        CouponState.ESCROWED,
    )
]


class CartDesk:
    """Knows wallets and offers; changes nothing."""

    def __init__(
        self,
        *,
        accounts: AccountStore,
        offers: OfferStore,
        secrets_of: Callable[[str], Secrets],
    ) -> None:
        self._accounts = accounts
        self._offers = offers
        self._secrets_of = secrets_of

    async def evaluate(
        self, tenant_id: str, cart: Cart, asking: Asking, codes: Sequence[str], only_owner: str
    ) -> tuple[Evaluation, bool]:
        """Judges the customer's wallet, then the codes; and whether the wallet has more than was
        looked at. only_owner: codes of anybody else are unknown."""
        wallet, truncated = await self._wallet(tenant_id, asking)
        found: list[tuple[CouponAccount | None, str]] = [(account, "") for account in wallet]
        for code in codes:
            account = await self._find(tenant_id, code)
            own = account is not None and only_owner in {"", account.owner}
            found.append((account if own else None, code))
        wanted = {account.offer for account, _ in found if account}
        offers = {offer_id: await self._offers.get(tenant_id, offer_id) for offer_id in wanted}
        presented = [
            Presented(account, offers[account.offer] if account else None, code)
            for account, code in found
        ]
        # Up to some hundred milliseconds for the largest carts: beside the event loop.
        evaluation = await asyncio.to_thread(evaluate, cart, presented, asking)
        return evaluation, truncated

    async def order(
        self, tenant_id: str, cart: Cart, asking: Asking, own_id: str, combined_ids: Sequence[str]
    ) -> Order:
        """The order with the coupons that it holds or used, and the named ones that follow.

        Two holds for one order that are sent at the same time may not see each other; redeeming
        with the final cart, when all holds are answered, sees them all and has the last word.
        """
        named = [each for each in combined_ids if each != own_id]
        keys = [AccountKey(tenant_id, coupon_id) for coupon_id in named]
        loaded = await self._accounts.load(keys) if keys else {}
        accounts = {}
        for key in keys:
            account = loaded.get(key)
            if isinstance(account, DamagedError):
                raise account
            if not isinstance(account, CouponAccount) or account.owner != asking.customer:
                return Order(cart, refusal=CouponOutcome.NOT_FOUND)
            accounts[key.a] = account
        known = await self._accounts.owned(
            tenant_id,
            asking.customer,
            "coupon",
            after="",
            limit=ORDER_COUPONS_MAX,
            narrowed={"order": asking.order},
        )
        of_order = {each.key.a: each for each in known if isinstance(each, CouponAccount)}
        others, beside = [], []
        for account in (of_order | accounts).values():
            offer = await self._offers.get(tenant_id, account.offer)
            if account.key.a == own_id or offer is None:
                continue
            if _in_order(account, asking):
                candidate = Candidate(account.key.a, offer, account.valid_until_ms)
                others.append(Other(candidate, place_of(account.cart)))
            elif account.key.a not in accounts:
                continue
            elif unusable(account, offer, asking) is None:
                beside.append(offer)
            else:
                return Order(cart, refusal=CouponOutcome.NOT_STACKABLE)
        return Order(cart, tuple(others), tuple(beside))

    async def _wallet(self, tenant_id: str, asking: Asking) -> tuple[list[CouponAccount], bool]:
        if not asking.customer:
            return [], False
        narrowed = {
            "state": {"$in": _UNUSED},
            "valid_until_ms": {"$gt": asking.now_ms - _ENDED_MS},
        }
        found = await self._accounts.owned(
            tenant_id,
            asking.customer,
            "coupon",
            after="",
            limit=WALLET_MAX + 1,
            narrowed=narrowed,
        )
        wallet = [account for account in found if isinstance(account, CouponAccount)]
        return wallet[:WALLET_MAX], len(found) > WALLET_MAX

    async def _find(self, tenant_id: str, code: str) -> CouponAccount | None:
        lookup = self._secrets_of(tenant_id).lookup_of_code(code)
        account = await self._accounts.find(tenant_id, lookup) if lookup else None
        return account if isinstance(account, CouponAccount) else None


def _in_order(account: CouponAccount, asking: Asking) -> bool:
    """Whether the order has the coupon and its discount."""
    current = lapse(account, asking.now_ms)
    return current.order == asking.order and not current.reversed
