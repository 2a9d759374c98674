"""A customer's points and their steps without a database."""

import datetime as dt
from typing import Any

import pytest
from msgspec.structs import replace
from offers_service import points, points_gifts, points_spending
from offers_service.codes import Secrets
from offers_service.coupon_account import AccountKey
from offers_service.journal import Request
from offers_service.points import Past
from offers_service.points_account import PointsAccount, points_account_id
from offers_service.points_program import Bonus, Program, Tier

# 2026-03-10, noon in Seoul.
START_MS = int(dt.datetime(2026, 3, 10, 3, tzinfo=dt.UTC).timestamp()) * 1000
DAY_MS = 86_400_000
NONE = Past()


def ms(year: int, month: int, day: int) -> int:
    """Midnight of a day in Seoul, which has had no other offset since 1988."""
    return int(dt.datetime(year, month, day, tzinfo=dt.UTC).timestamp()) * 1000 - 9 * 3_600_000


class Shop:
    """Decides steps on ann's points with short arguments; the caller keeps the account."""

    start_ms = START_MS
    # What the caller has read of other accounts and of sealed pages.
    past = NONE

    def __init__(self) -> None:
        self.secrets = Secrets(b"c" * 32, b"t" * 32, b"l" * 32, b"f" * 32)
        self.program = Program(
            version=1,
            currency="KRW",
            time_zone="Asia/Seoul",
            points=10,
            per_minor_units=1_000,
            gift_daily_points=500,
            gift_daily_count=3,
        )
        self.key = AccountKey("shop", points_account_id("ann"))

    def with_tiers(self) -> "Shop":
        """Silver from 100,000 won, gold from 300,000 with half as many points again."""
        tiers = (
            Tier("silver", 100_000, {"ko": "실버", "en": "Silver"}),
            Tier("gold", 300_000, {"ko": "골드", "en": "Gold"}, 5_000, ("welcome-gold",)),
        )
        self.program = replace(self.program, tiers=tiers)
        return self

    def with_bonus(self, **terms: Any) -> "Shop":
        """A bonus that doubles."""
        bonus = Bonus(**{"rule_id": "double", "basis_points": 10_000, **terms})
        self.program = replace(self.program, bonuses=(*self.program.bonuses, bonus))
        return self

    def request(self, request_id: str, *content: str | int, actor: str = "partner:till") -> Request:
        """Request ids scoped by actor, fingerprinted over `content`."""
        return Request(request_id, actor, self.secrets.print(*content))

    def earn(
        self,
        account: PointsAccount | None,
        order: str,
        net: int,
        *,
        now_ms: int = START_MS,
        campaign: str = "",
        request_id: str = "",
    ) -> Any:
        """An order of so many won."""
        asked = self.request(request_id or f"earn-{order}", order, net, campaign)
        command = points.Earn(self.key, asked, "ann", order, net, campaign, now_ms)
        return points.earn(account, command, self.program, self.past)

    def take_back(
        self,
        account: PointsAccount | None,
        order: str,
        returned: int = 0,
        *,
        now_ms: int = START_MS,
        request_id: str = "",
    ) -> Any:
        """All of the order, or so many won of it."""
        asked = self.request(request_id or f"back-{order}-{returned}", order, returned)
        command = points.TakeBack(asked, order, returned, now_ms)
        return points.take_back(account, command, self.program, self.past)

    def hold(
        self,
        account: PointsAccount | None,
        order: str,
        amount: int,
        *,
        now_ms: int = START_MS,
        seconds: int = 60,
        request_id: str = "",
    ) -> Any:
        """For a minute."""
        asked = self.request(request_id or f"hold-{order}-{amount}", order, amount)
        command = points_spending.HoldPoints(asked, order, amount, seconds, now_ms)
        return points_spending.hold(account, command, self.program, self.past)

    def end(
        self,
        step: Any,
        account: PointsAccount | None,
        order: str,
        *,
        now_ms: int = START_MS,
        request_id: str = "",
    ) -> Any:
        """points_spending.settle or points_spending.release."""
        asked = self.request(request_id or f"{step.__name__}-{order}", order)
        command = points_spending.SettlePoints(asked, order, now_ms)
        return step(account, command, self.program, self.past)

    def refund(
        self,
        account: PointsAccount | None,
        order: str,
        amount: int = 0,
        *,
        now_ms: int = START_MS,
        request_id: str = "",
    ) -> Any:
        """All that the order spent, or so much of it."""
        asked = self.request(request_id or f"refund-{order}-{amount}", order, amount)
        command = points_spending.Refund(asked, order, amount, now_ms)
        return points_spending.refund(account, command, self.program, self.past)

    def give(
        self,
        account: PointsAccount | None,
        amount: int,
        *,
        now_ms: int = START_MS,
        request_id: str = "give-1",
    ) -> Any:
        """For an hour."""
        command = points_gifts.GivePoints(self.request(request_id, amount), amount, 3_600, now_ms)
        return points_gifts.give(account, command, self.program, self.past)

    def claim(
        self,
        account: PointsAccount | None,
        gift: str,
        claimer: str = "bob",
        *,
        now_ms: int = START_MS,
        request_id: str = "claim-1",
    ) -> Any:
        """The giver's side."""
        asked = self.request(request_id, gift, claimer)
        command = points_gifts.ClaimPoints(asked, gift, claimer, now_ms)
        return points_gifts.claim(account, command, self.program, self.past)

    def cancel(
        self,
        account: PointsAccount | None,
        gift: str,
        *,
        now_ms: int = START_MS,
        request_id: str = "cancel-1",
    ) -> Any:
        """By ann."""
        command = points_gifts.CancelPoints(self.request(request_id, gift), gift, now_ms)
        return points_gifts.cancel(account, command, self.program, self.past)

    def grant(
        self,
        account: PointsAccount | None,
        amount: int,
        cause: str = "c_1/2",
        *,
        back: bool = False,
        now_ms: int = START_MS,
    ) -> Any:
        """By coupon c_1, or back again."""
        asked = self.request(cause, amount, actor="system:coupon")
        command = points.Grant(self.key, asked, "ann", amount, now_ms, "coupon", coupon="c_1")
        wanted = points.ungrant if back else points.grant
        return wanted(account, command, self.program, self.past)

    def receive(self, account: PointsAccount | None, given: Any, owner: str = "bob") -> Any:
        """The claimer's side."""
        key = AccountKey("shop", points_account_id(owner))
        return points_gifts.receive(account, key, given, self.program, self.past)


@pytest.fixture
def shop() -> Shop:
    """10 points for each full 1,000 won, good until the end of the month a year ahead; gifts of
    500 points a day; no tiers."""
    return Shop()
