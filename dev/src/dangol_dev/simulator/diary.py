"""One person's agenda: what will happen when, and the events that come of it.

Everything here depends on the person's own random stream and on the order of virtual time only,
never on when messages are sent or answered.
"""

import heapq
import random
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dangol.events.v1.event_pb2 import (
    CHANNEL_APP,
    CHANNEL_STORE,
    CHANNEL_WEB,
    Channel,
    CustomerRef,
    Event,
    Item,
    Money,
    PropertyValue,
)
from google.protobuf.timestamp_pb2 import Timestamp

from dangol_dev.simulator.catalogue import CURRENCY, Product

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS


@dataclass(frozen=True)
class UseCoupon:
    """A coupon shown at checkout; `expected` is the outcome that the platform has to answer."""

    coupon_id: str
    order_id: str
    order_minor_units: int
    expected: str


@dataclass(frozen=True)
class SignUp:
    """A visitor becomes a member; from here on events carry the membership's name."""


Action = Event | UseCoupon | SignUp
Plan = Callable[[int], None]


class Diary:
    """An agenda in order of time. Things planned for one instant happen as they were planned."""

    def __init__(self, rng: random.Random, name: str, ref: CustomerRef) -> None:
        self.rng = rng
        self.ref = ref
        self._name = name
        self._agenda: list[tuple[int, int, Plan]] = []
        self._planned_count = 0
        self._named_count = 0
        self._happened: list[Action] = []

    def plan(self, at_ms: int, what: Plan) -> None:
        """Have `what(at_ms)` called when its time comes."""
        self._planned_count += 1
        heapq.heappush(self._agenda, (at_ms, self._planned_count, what))

    def live_until(self, until_ms: int) -> list[Action]:
        """Everything that happens up to and including until_ms, in order of time."""
        while self._agenda and self._agenda[0][0] <= until_ms:
            at_ms, _, what = heapq.heappop(self._agenda)
            what(at_ms)
        happened, self._happened = self._happened, []
        return happened

    def do(self, action: Action) -> None:
        """Let something happen now."""
        self._happened.append(action)

    def name(self, kind: str) -> str:
        """A name for a session, cart or order of this person that no other one has."""
        self._named_count += 1
        return f"{kind}-{self._name}-{self._named_count}"

    def write(
        self,
        at_ms: int,
        event_type: str,
        *,
        channel: Channel = CHANNEL_WEB,
        store_id: str = "",
        session_id: str = "",
        cart_id: str = "",
        order_id: str = "",
        items: Sequence[Item] = (),
        amount: int | None = None,
        rating: int = 0,
        **properties: str,
    ) -> None:
        """Plan an event for at_ms; amount in won, properties as text."""
        event = Event(
            event_id=str(uuid.UUID(int=self.rng.getrandbits(128), version=4)),
            type=event_type,
            occurred_at=Timestamp(seconds=at_ms // 1000, nanos=at_ms % 1000 * 1_000_000),
            channel=channel,
            store_id=store_id or ("gangnam" if channel == CHANNEL_STORE else ""),
            session_id=session_id,
            cart_id=cart_id,
            order_id=order_id,
            items=items,
            amount=None if amount is None else Money(currency_code=CURRENCY, minor_units=amount),
            rating=rating,
            properties={name: PropertyValue(text=text) for name, text in properties.items()},
        )

        def happen(_: int) -> None:
            # Named when it happens: a visitor may have become a member since it was planned.
            event.customer.CopyFrom(self.ref)
            self.do(event)

        self.plan(at_ms, happen)

    def minutes(self, low: float, high: float) -> int:
        """A random time in milliseconds between so many minutes."""
        return int(self.rng.uniform(low, high) * MINUTE_MS)

    def days(self, low: float, high: float) -> int:
        """A random time in milliseconds between so many days."""
        return int(self.rng.uniform(low, high) * DAY_MS)


def item(product: Product, quantity: int = 1) -> Item:
    """An order line."""
    return Item(
        product_id=product.product_id,
        category=product.category,
        quantity=quantity,
        unit_price_minor_units=product.price,
        amount_minor_units=product.price * quantity,
    )


@dataclass(frozen=True)
class Visit:
    """A session on the web or in the app, and the products looked at."""

    session_id: str
    channel: Channel
    viewed: tuple[Product, ...]
    end_ms: int


@dataclass(frozen=True)
class Order:
    """A purchase as it was made."""

    order_id: str
    items: tuple[Item, ...]
    amount: int
    at_ms: int


class Sessions:
    """What people do at the shop, written into a diary."""

    def __init__(self, diary: Diary, products: Sequence[Product]) -> None:
        self._diary = diary
        self._products = products
        self._favourite = diary.rng.choice(products).category
        self._liked = [one for one in products if one.category == self._favourite]

    def visit(self, at_ms: int, views: tuple[int, int] = (1, 4)) -> Visit:
        """Come, perhaps search, and look at some products."""
        diary = self._diary
        rng = diary.rng
        session = diary.name("s")
        channel = rng.choice((CHANNEL_WEB, CHANNEL_APP))
        diary.write(at_ms, "visit", channel=channel, session_id=session)
        now_ms = at_ms
        if rng.random() < 0.3:
            now_ms += diary.minutes(0.2, 1)
            diary.write(
                now_ms, "search", channel=channel, session_id=session, query=self._favourite
            )
        viewed = self._pick(rng.randint(*views))
        for product in viewed:
            now_ms += diary.minutes(0.3, 2)
            diary.write(
                now_ms,
                "product_view",
                channel=channel,
                session_id=session,
                items=[item(product)],
            )
        return Visit(session, channel, viewed, now_ms)

    def fill_cart(self, visit: Visit) -> tuple[str, list[Item], int]:
        """Put one to three products into a new cart: its id, its lines, and the time after."""
        diary = self._diary
        cart = diary.name("c")
        now_ms = visit.end_ms
        lines = []
        for product in visit.viewed[-3:]:
            now_ms += diary.minutes(0.3, 1)
            lines.append(item(product))
            diary.write(
                now_ms,
                "cart_add",
                channel=visit.channel,
                session_id=visit.session_id,
                cart_id=cart,
                items=lines[-1:],
            )
        if len(lines) > 1 and diary.rng.random() < 0.25:
            now_ms += diary.minutes(0.3, 1)
            removed = lines.pop()
            diary.write(
                now_ms,
                "cart_remove",
                channel=visit.channel,
                session_id=visit.session_id,
                cart_id=cart,
                items=[removed],
            )
        return cart, lines, now_ms

    def check_out(self, visit: Visit, cart: str, lines: Sequence[Item], at_ms: int) -> None:
        """Begin to pay."""
        self._diary.write(
            at_ms,
            "checkout",
            channel=visit.channel,
            session_id=visit.session_id,
            cart_id=cart,
            items=lines,
            amount=sum(line.amount_minor_units for line in lines),
        )

    def buy(self, at_ms: int) -> Order:
        """Visit, fill a cart, pay: all within half an hour of at_ms."""
        diary = self._diary
        visit = self.visit(at_ms, views=(1, 3))
        cart, lines, now_ms = self.fill_cart(visit)
        now_ms += diary.minutes(0.5, 2)
        self.check_out(visit, cart, lines, now_ms)
        now_ms += diary.minutes(0.5, 2)
        order = diary.name("o")
        amount = sum(line.amount_minor_units for line in lines)
        diary.write(
            now_ms,
            "purchase",
            channel=visit.channel,
            session_id=visit.session_id,
            cart_id=cart,
            order_id=order,
            items=lines,
            amount=amount,
        )
        return Order(order, tuple(lines), amount, now_ms)

    def deliver(self, order: Order) -> int:
        """The parcel arrives after a day or three; when."""
        at_ms = order.at_ms + self._diary.days(1, 3)
        self._diary.write(at_ms, "delivered", order_id=order.order_id, items=order.items)
        return at_ms

    def like(self) -> Product:
        """A product of the favourite category."""
        return self._diary.rng.choice(self._liked)

    def _pick(self, count: int) -> tuple[Product, ...]:
        rng = self._diary.rng
        pool = self._liked if rng.random() < 0.6 else self._products
        return tuple(rng.sample(pool, min(count, len(pool))))
