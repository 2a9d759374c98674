"""How a person of each habit lives through the season, and how they answer an offer.

The truth about an offer's effect is exact because of three rules that every life keeps:
- whoever can be triggered buys nothing from before the trigger until they answer or the window
  ends; the answer alone decides whether there is a purchase in the window;
- nobody is triggered twice by one campaign: carts are left for the first time only once, and
  whoever buys three times never again pauses for the campaign's silence, but for the planted fade;
- coupons given away are used by people whom no campaign can trigger.
"""

import random
from dataclasses import dataclass

from dangol.events.v1.event_pb2 import CHANNEL_APP, CHANNEL_CALL, CHANNEL_STORE

from dangol_dev.simulator.catalogue import Product
from dangol_dev.simulator.diary import (
    DAY_MS,
    HOUR_MS,
    Action,
    Diary,
    Order,
    Plan,
    Sessions,
    SignUp,
    UseCoupon,
    item,
)
from dangol_dev.simulator.past import plan_past
from dangol_dev.simulator.people import Habit, Person

SEASON_DAYS = 90
# The latest starts that leave time for trigger and window before the season ends.
_LAST_CART_DAY = 68
_FADE_DAYS = (20, 44)
_CHANCE_TO_USE = 0.6
_EXPIRED_SHARE = 0.12
_AGAIN_SHARE = 0.15
_BIRTHDAY_GIFT_SHARE = 0.4
_LAST_GIFT_DAYS = 5


@dataclass(frozen=True)
class HeldCoupon:
    """A coupon in someone's hands; minimum_order in won."""

    coupon_id: str
    end_ms: int
    minimum_order: int


@dataclass(frozen=True)
class Trigger:
    """What the shop's partner learns of an enrolment. coupon is None for the control group."""

    treated: bool
    coupon: HeldCoupon | None
    triggered_ms: int
    window_ms: int

    @property
    def window_end_ms(self) -> int:
        """When the answer no longer counts."""
        return self.triggered_ms + self.window_ms


class Life:
    """One person's season. `live_until` is called with ever later times."""

    def __init__(
        self, seed: int, person: Person, products: tuple[Product, ...], start_ms: int
    ) -> None:
        rng = random.Random(f"{seed}/{person.number}/life")
        self.person = person
        self.coupon_to_give: HeldCoupon | None = None
        self._diary = Diary(rng, f"{person.number:05d}", person.first_ref)
        self._sessions = Sessions(self._diary, products)
        self._start_ms = start_ms
        self._end_ms = start_ms + SEASON_DAYS * DAY_MS
        self._answer = random.Random(f"{seed}/{person.number}/answer")
        self._answered = False
        self._spare: list[HeldCoupon] = []
        self._plan_season()

    def live_until(self, until_ms: int) -> list[Action]:
        """What this person does up to until_ms."""
        return self._diary.live_until(until_ms)

    def hear(self, trigger: Trigger, now_ms: int) -> None:
        """Learn of the own enrolment and decide; called once, between two steps of the clock."""
        if self._answered:
            raise ValueError(f"person {self.person.number} was triggered twice")
        self._answered = True
        coupon = trigger.coupon
        if coupon:
            self._receive_message(now_ms)
        if self.person.planted.buys(treated=trigger.treated):
            # The purchase ends half an hour after its session begins, well before the window does.
            latest_ms = trigger.window_end_ms - 2 * HOUR_MS
            at_ms = self._answer.randint(now_ms + HOUR_MS, latest_ms)
            self._diary.plan(at_ms, lambda at: self._come_back(at, trigger))
        elif coupon:
            self._diary.plan(trigger.window_end_ms, lambda _: self._leave_unused(coupon))

    def receive_birthday_coupon(self, coupon: HeldCoupon, now_ms: int) -> None:
        """Fans use it with their next purchase; of the others some give it away.

        Nobody buys because of it, so that it leaves the campaigns' truth alone, and nobody gives
        it away when a gift would outlive the season.
        """
        if self.person.habit is Habit.FAN:
            self._spare.append(coupon)
        elif now_ms < self._end_ms - _LAST_GIFT_DAYS * DAY_MS and self.coupon_to_give is None:
            gives = self._answer.random() < _BIRTHDAY_GIFT_SHARE
            self.coupon_to_give = coupon if gives else None

    def receive_gift(self, coupon: HeldCoupon) -> None:
        """A coupon from someone else; it is used with the next purchase if that is in time."""
        self._spare.append(coupon)

    def shop_soon(self, after_ms: int) -> None:
        """Plan a purchase within a day or two: what a friend does who came for a gift."""
        self._diary.plan(after_ms + self._diary.days(0.5, 2), self._shop)

    @property
    def member(self) -> bool:
        """Whether the shop knows this person as a member by now."""
        return self._diary.ref == self.person.member_ref

    def become_member(self) -> None:
        """From now on events carry the membership's name."""
        self._diary.ref = self.person.member_ref

    def greet(self, at_ms: int) -> None:
        """The events of signing up."""
        self._diary.write(at_ms + 1_000, "signup")
        self._diary.write(at_ms + 2_000, "login")

    # -- the season ----------------------------------------------------------------------------

    def _plan_season(self) -> None:
        habit = self.person.habit
        plans = {
            Habit.BROWSER: self._plan_browser,
            Habit.CART_LEAVER: self._plan_cart_leaver,
            Habit.RETURNER: self._plan_returner,
            Habit.FADING_REGULAR: self._plan_fading_regular,
            Habit.FAN: self._plan_fan,
        }
        if self.person.signup_day is not None:
            at_ms = self._start_ms + int((self.person.signup_day + 0.5) * DAY_MS)
            self._diary.plan(at_ms, self._sign_up)
        # A friend has no season: they come for a gift. The others lived before it.
        if habit in plans:
            plans[habit]()
        else:
            plan_past(habit, self._diary, self._sessions, self._start_ms, self._end_ms)

    def _plan_browser(self) -> None:
        self._plan_visits(self._browse, 1.5, 5.0)

    def _plan_cart_leaver(self) -> None:
        self._plan_visits(self._look_around, 4.0, 14.0)
        at_ms = self._start_ms + self._diary.days(1, _LAST_CART_DAY)
        self._diary.plan(at_ms, self._leave_cart)

    def _plan_returner(self) -> None:
        self._plan_purchases(6.0, 12.0, self._end_ms)

    def _plan_fading_regular(self) -> None:
        # Gaps of at most six days: three purchases at least lie before the earliest fade.
        self._plan_purchases(3.0, 6.0, self._start_ms + self._diary.days(*_FADE_DAYS))

    def _plan_fan(self) -> None:
        self._plan_purchases(2.5, 6.0, self._end_ms)
        for day in (20, 55):
            self._diary.write(
                self._start_ms + day * DAY_MS + 10 * HOUR_MS, "launched", collection=f"season-{day}"
            )

    def _plan_visits(self, visit: Plan, low_days: float, high_days: float) -> None:
        at_ms = self._start_ms + self._diary.days(0.1, high_days)
        while at_ms < self._end_ms:
            self._diary.plan(at_ms, visit)
            at_ms += self._diary.days(low_days, high_days)

    def _plan_purchases(self, low_days: float, high_days: float, until_ms: int) -> None:
        at_ms = self._start_ms + self._diary.days(0.1, low_days)
        while at_ms < until_ms:
            self._diary.plan(at_ms, self._shop)
            at_ms += self._diary.days(low_days, high_days)

    # -- single visits -------------------------------------------------------------------------

    def _look_around(self, at_ms: int) -> None:
        self._sessions.visit(at_ms)

    def _browse(self, at_ms: int) -> None:
        diary = self._diary
        visit = self._sessions.visit(at_ms, views=(3, 7))
        product = visit.viewed[-1]
        named = product.product_id
        if diary.rng.random() < 0.35:
            after_ms = visit.end_ms + diary.minutes(0.2, 1)
            wished = [item(product)]
            diary.write(after_ms, "wishlist", session_id=visit.session_id, items=wished)
            if diary.rng.random() < 0.3:
                told_ms = after_ms + diary.days(3, 12)
                diary.write(told_ms, "price_dropped", items=wished, product=named)
        elif diary.rng.random() < 0.12:
            after_ms = visit.end_ms + diary.minutes(0.2, 1)
            missed, session = [item(product)], visit.session_id
            diary.write(after_ms, "out_of_stock", session_id=session, items=missed, product=named)
            diary.write(after_ms + diary.days(4, 10), "restocked", items=missed, product=named)

    def _leave_cart(self, at_ms: int) -> None:
        sessions = self._sessions
        visit = sessions.visit(at_ms)
        cart, lines, now_ms = sessions.fill_cart(visit)
        if self._diary.rng.random() < 0.3:
            sessions.check_out(visit, cart, lines, now_ms + self._diary.minutes(0.5, 2))

    def _shop(self, at_ms: int) -> None:
        """A purchase of everyday life, with what follows from it by habit."""
        order = self._sessions.buy(at_ms)
        self._use_spare(order)
        if self.person.habit is Habit.RETURNER:
            self._regret(order)
        elif self.person.habit is Habit.FAN:
            self._enjoy(order)
        else:
            self._sessions.deliver(order)

    def _regret(self, order: Order) -> None:
        diary = self._diary
        draw = diary.rng.random()
        if draw < 0.3:
            # The customer thinks better of it, or the shop cannot deliver.
            diary.write(
                order.at_ms + diary.minutes(2, 50),
                "cancel" if draw < 0.2 else "out_of_stock",
                order_id=order.order_id,
                items=order.items,
                amount=order.amount,
            )
            return
        arrived_ms = self._sessions.deliver(order)
        if diary.rng.random() < 0.6:
            reason = diary.rng.choice(("size", "colour", "quality"))
            diary.write(
                arrived_ms + diary.days(1, 4),
                "return",
                order_id=order.order_id,
                items=order.items[:1],
                amount=order.items[0].amount_minor_units,
                reason=reason,
            )
            rating = diary.rng.randint(1, 3)
            diary.write(
                arrived_ms + diary.days(1, 4), "review", items=order.items[:1], rating=rating
            )
            if rating == 1:
                diary.write(
                    arrived_ms + diary.days(4, 6), "ticket", channel=CHANNEL_CALL, topic=reason
                )

    def _enjoy(self, order: Order) -> None:
        diary = self._diary
        arrived_ms = self._sessions.deliver(order)
        diary.write(order.at_ms - 1_000, "login", channel=CHANNEL_APP)
        draw = diary.rng.random()
        rating = diary.rng.randint(4, 5)
        if draw < 0.4:
            diary.write(
                arrived_ms + diary.days(1, 3), "review", items=order.items[:1], rating=rating
            )
        elif draw < 0.55:
            diary.write(arrived_ms + diary.days(1, 3), "survey", rating=rating, survey_id="parcel")
        elif draw < 0.75:
            diary.write(order.at_ms + diary.days(0.5, 2), "store_visit", channel=CHANNEL_STORE)
        if diary.rng.random() < 0.3:
            # Wished for after buying; now and then it is among what is bought next.
            diary.write(arrived_ms, "wishlist", items=[item(self._sessions.like())])

    def _sign_up(self, at_ms: int) -> None:
        self._diary.do(SignUp())
        self.become_member()
        self.greet(at_ms)

    # -- answers to offers ---------------------------------------------------------------------

    def _receive_message(self, now_ms: int) -> None:
        diary, answer = self._diary, self._answer
        diary.write(now_ms + 60_000, "message_sent", channel=CHANNEL_APP, template="win-back")
        if answer.random() < 0.6:
            at_ms = now_ms + answer.randint(HOUR_MS, 20 * HOUR_MS)
            diary.write(at_ms, "message_opened", channel=CHANNEL_APP, template="win-back")
            if answer.random() < 0.5:
                diary.write(at_ms + 30_000, "message_clicked", template="win-back")

    def _come_back(self, at_ms: int, trigger: Trigger) -> None:
        order = self._sessions.buy(at_ms)
        self._sessions.deliver(order)
        coupon = trigger.coupon
        if coupon and (self.person.planted.persuaded or self._answer.random() < _CHANCE_TO_USE):
            used = self._use(coupon, order)
            if used and self._answer.random() < _AGAIN_SHARE:
                # The same coupon a day later: the till refuses it, and nothing is bought.
                again_ms = order.at_ms + DAY_MS
                self._diary.plan(again_ms, lambda at: self._try(at, coupon, "ALREADY_REDEEMED"))
        if self.person.habit is Habit.FADING_REGULAR:
            self._plan_return_to_habit(order.at_ms)
        elif self._answer.random() < 0.5:
            next_ms = order.at_ms + self._diary.days(8, 20)
            self._diary.plan(next_ms, self._shop)

    def _plan_return_to_habit(self, after_ms: int) -> None:
        at_ms = after_ms + self._diary.days(3, 7)
        while at_ms < self._end_ms:
            self._diary.plan(at_ms, self._shop)
            at_ms += self._diary.days(3, 7)

    def _leave_unused(self, coupon: HeldCoupon) -> None:
        """The window has passed without a purchase: the coupon is left, or good to give away."""
        if self._answer.random() < _EXPIRED_SHARE:
            late_ms = coupon.end_ms + 2 * DAY_MS
            self._diary.plan(late_ms, lambda at: self._try(at, coupon, "EXPIRED"))
        else:
            self.coupon_to_give = coupon

    def _try(self, at_ms: int, coupon: HeldCoupon, expected: str) -> None:
        visit = self._sessions.visit(at_ms)
        cart, lines, now_ms = self._sessions.fill_cart(visit)
        order_id = self._diary.name("o")
        amount = sum(line.amount_minor_units for line in lines)
        self._sessions.check_out(visit, cart, lines, now_ms)
        self._diary.do(UseCoupon(coupon.coupon_id, order_id, amount, expected))

    def _use(self, coupon: HeldCoupon, order: Order) -> bool:
        """Show a coupon at checkout; whether the order is large enough for it."""
        enough = order.amount >= coupon.minimum_order
        expected = "APPLIED" if enough else "BELOW_MINIMUM"
        self._diary.do(UseCoupon(coupon.coupon_id, order.order_id, order.amount, expected))
        return enough

    def _use_spare(self, order: Order) -> None:
        for coupon in self._spare:
            if order.at_ms < coupon.end_ms - DAY_MS:
                self._use(coupon, order)
        self._spare.clear()
