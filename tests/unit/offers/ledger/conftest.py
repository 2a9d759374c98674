"""A coupon and its steps without a database."""

from collections.abc import Callable
from typing import Any

import pytest
from offers_service import coupons, gifts
from offers_service.codes import Secrets
from offers_service.coupon_account import AccountKey, CouponAccount
from offers_service.journal import Request
from offers_service.offers import Offer

ISSUED_MS = 1_000_000
DAY_SECONDS = 86_400


class Shop:
    """Decides steps of customers with short arguments; the caller keeps the account."""

    issued_ms = ISSUED_MS

    def __init__(self) -> None:
        self.secrets = Secrets(b"c" * 32, b"t" * 32, b"l" * 32, b"f" * 32)
        self.offer = Offer(
            offer_id="fixed",
            currency="KRW",
            created_ms=1,
            fixed_minor_units=3_000,
            minimum_minor_units=10_000,
            valid_for_seconds=DAY_SECONDS,
            giftable=True,
        )

    def request(self, request_id: str, *content: str | int, actor: str = "partner:till") -> Request:
        """Request ids scoped by actor, fingerprinted over `content`."""
        return Request(request_id, actor, self.secrets.print(*content))

    def issue(self, owner: str = "ann", request_id: str = "issue-1") -> CouponAccount:
        """A fresh coupon of `owner`."""
        command = coupons.Issue(
            key=AccountKey("shop", "c_1"),
            owner=owner,
            campaign="spring",
            offer=self.offer,
            origin="direct",
            request=self.request(request_id, owner),
            now_ms=ISSUED_MS,
            repeat_applies=True,
        )
        issued = coupons.issue(None, command, self.secrets).account
        assert issued is not None
        return issued

    def hold(self, account: CouponAccount | None, request_id: str, **changed: Any) -> Any:
        """ann holds the coupon for order-1 of 20,000 won, a second after its issue."""
        wanted: dict[str, Any] = {
            "customer": "ann",
            "order": "order-1",
            "order_minor_units": 20_000,
            "currency": "KRW",
            "hold_seconds": 60,
            "now_ms": ISSUED_MS + 1_000,
            **changed,
        }
        content = [value for key, value in wanted.items() if key not in {"now_ms", "only_owner"}]
        command = coupons.Hold(request=self.request(request_id, "hold", *content), **wanted)
        return coupons.hold(account, command, self.secrets, self.offers)

    def settle(
        self,
        step: Callable[..., Any],
        account: CouponAccount | None,
        request_id: str,
        **changed: Any,
    ) -> Any:
        """Redeems or releases for order-1, two seconds after the issue."""
        wanted = {"order": "order-1", "now_ms": ISSUED_MS + 2_000, **changed}
        request = self.request(request_id, step.__name__, wanted["order"])
        return step(account, coupons.Settle(request=request, **wanted), self.secrets)

    def redeem(self, account: CouponAccount | None, request_id: str, **changed: Any) -> Any:
        """Redeems for order-1."""
        return self.settle(coupons.redeem, account, request_id, **changed)

    def release(self, account: CouponAccount | None, request_id: str, **changed: Any) -> Any:
        """Releases from order-1."""
        return self.settle(coupons.release, account, request_id, **changed)

    def gift(self, account: CouponAccount | None, request_id: str, **changed: Any) -> Any:
        """ann offers the coupon, for an hour."""
        wanted = {
            "giver": "ann",
            "open_seconds": 3_600,
            "now_ms": ISSUED_MS + 1_000,
            **changed,
        }
        content = [value for key, value in wanted.items() if key not in {"now_ms", "only_owner"}]
        command = gifts.OfferGift(request=self.request(request_id, "gift", *content), **wanted)
        return gifts.offer_gift(account, command, self.secrets, self.offers)

    def claim(
        self, account: CouponAccount | None, gift_id: str, request_id: str, **changed: Any
    ) -> Any:
        """bob claims the gift."""
        wanted: dict[str, Any] = {"claimer": "bob", "now_ms": ISSUED_MS + 2_000, **changed}
        request = self.request(request_id, "claim", gift_id, wanted["claimer"])
        command = gifts.ClaimGift(request=request, gift_id=gift_id, **wanted)
        return gifts.claim_gift(account, command, self.secrets)

    def cancel(
        self, account: CouponAccount | None, gift_id: str, request_id: str, **changed: Any
    ) -> Any:
        """ann takes the gift back."""
        wanted: dict[str, Any] = {"giver": "ann", "now_ms": ISSUED_MS + 2_000, **changed}
        request = self.request(request_id, "cancel", gift_id, wanted["giver"])
        command = gifts.CancelGift(request=request, gift_id=gift_id, **wanted)
        return gifts.cancel_gift(account, command, self.secrets)

    def decline(
        self, account: CouponAccount | None, gift_id: str, request_id: str, **changed: Any
    ) -> Any:
        """The recipient sends the gift back."""
        wanted: dict[str, Any] = {"meant": True, "now_ms": ISSUED_MS + 2_000, **changed}
        request = self.request(request_id, "decline", gift_id)
        command = gifts.DeclineGift(request=request, gift_id=gift_id, **wanted)
        return gifts.decline_gift(account, command, self.secrets)

    def offers(self, offer_id: str) -> Offer | None:
        """Only the one offer is known."""
        return self.offer if offer_id == self.offer.offer_id else None


@pytest.fixture
def shop() -> Shop:
    """A shop with one fixed offer of 3,000 won from 10,000 won, good for a day, giftable."""
    return Shop()
