"""Dense histories from a seed: few kinds of events, many meetings at the edges of windows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random
from typing import Any

from dangol.events.v1.event_pb2 import Event
from dangol.profile.v1.event_service_pb2 import ProfileSnapshot
from dangol_rules import tree
from dangol_rules.rules import parse

from tests.unit.segmentation.customer import make_event
from tests.unit.segmentation.strategies import BASE_MS, HOUR_MS

CONDITIONS = (
    "count(a, 2h) >= 1",
    "count(a, 3h) >= 2",
    "count(a, 5h) >= 3",
    "count(a, 3h) = 1",
    "count(a, 5h) != 2",
    "count(b, 2h) = 0",
    "count(b) >= 3",
    "count(a) <= 4",
    "count(a where rating >= 2, 3h) >= 1",
    'count(a where any item.category = "x", 5h) >= 2',
    "count(a, from 4h to 2h) >= 1",
    "count(a, from 5h to 1h) = 2",
    "count(a, 2h) < count(a, from 4h to 2h)",
    "count(a, 3h) > count(b, 3h)",
    "since(a) >= 2h",
    "since(a) < 3h",
    "since(b) > 1h",
    "since(b) = 2h",
    "since(b) <= 3h",
    "since(a) != 2h",
    "since(first(a)) >= 5h",
    "last(a) > last(b)",
    "first(a) < first(b)",
    "last(a) >= first(b)",
    "distinct(a.session_id, 3h) >= 2",
    "distinct(a.session_id, 5h) = 1",
    "distinct(b.session_id) >= 2",
    "distinct(a.item.category, from 5h to 2h) >= 2",
    "sum(a.amount, 3h) >= 2",
    "sum(a.amount, 5h) < 3",
    "sum(a.amount, 3h) = 1",
    "sum(b.amount) > 4",
    "sum(a.amount, 3h) > sum(a.amount, from 6h to 3h)",
    "sum(a.properties.p, 3h) >= 1",
    "sum(a.properties.p, 5h) = 1.005",
    "avg(a.rating, 3h) >= 2",
    "avg(a.rating, 3h) < 2",
    "min(a.rating, 3h) <= 1",
    "max(b.amount, from 4h to 1h) >= 1",
    "unanswered(a, b by cart_id, 1h, 4h)",
    "unanswered(a, b by cart_id, 2h, 3h)",
    "unanswered(b, a by item.product_id, 1h, 5h)",
    'profile.tier = "gold"',
    "profile.member",
    '"running" in profile.tags',
    'field("f") >= 1',
)


@cache
def parsed(text: str) -> tree.Rule:
    """A rule's tree; there are only so many texts."""
    return parse(text)


def make_rule(random: Random) -> tree.Rule:
    """One to four conditions, joined and negated at random."""
    parts = [parsed(random.choice(CONDITIONS)) for _ in range(random.choice((1, 1, 2, 3, 4)))]
    parts = [tree.Not(part) if random.random() < 0.2 else part for part in parts]
    while len(parts) > 1:
        join = random.choice((tree.And, tree.Or))
        taken = tuple(parts.pop() for _ in range(random.randint(2, len(parts))))
        parts.append(join(taken))
    return parts[0]


PERSONAL = (
    "consent.email",
    "consent.marketing_night.sms",
    "birthday within 3d",
    "anniversary within 1d",
    'profile.tier in ("gold", "silver")',
)


def make_rule_of(random: Random, segment_ids: Sequence[str]) -> tree.Rule:
    """A rule that may also look at the person and at other segments."""
    rule = make_rule(random)
    if random.random() < 0.25:
        rule = random.choice((tree.And, tree.Or))((rule, parsed(random.choice(PERSONAL))))
    if segment_ids and random.random() < 0.4:
        inner: tree.Rule = tree.InSegment(random.choice(segment_ids))
        inner = tree.Not(inner) if random.random() < 0.5 else inner
        rule = random.choice((tree.And, tree.Or))((rule, inner))
    return rule


def make_content(random: Random) -> Event:
    """What happens."""
    content: dict[str, Any] = {
        "session_id": random.choice(("x", "y", "a-text-that-is-kept-as-a-hash", "")),
        "cart_id": random.choice(("one", "two")),
        "rating": random.randrange(4),
        "amount": random.choice((0, 50, 100, 200, -50)),
    }
    if random.random() < 0.4:
        category = random.choice("xy")
        content["items"] = [(random.choice("pq"), category, 1, 100) for _ in range(2)]
    if random.random() < 0.3:
        content["properties"] = {"p": random.choice(("#0.5", "#1", "#1.005", "text", True))}
    return make_event(random.choice("aab"), **content)


def make_offset(random: Random, late: float) -> tuple[str, int]:
    """When: at the edge of a deadline, soon, or (with this likelihood) before now."""
    if random.random() < late:
        return "now", random.choice((0, -1, -HOUR_MS, 1 - HOUR_MS, -2 * HOUR_MS, -3 * HOUR_MS))
    if random.random() < 0.4:
        return "deadline", random.choice((-1, 0, 0, 1))
    return "now", random.choice((1, HOUR_MS - 1, HOUR_MS, HOUR_MS, HOUR_MS + 1, 2 * HOUR_MS))


def make_profile(random: Random) -> ProfileSnapshot:
    """What a customer is."""
    snapshot = ProfileSnapshot(
        tier=random.choice(("", "silver", "gold")),
        member=random.random() < 0.5,
        tags=random.choice(([], ["running"])),
    )
    if random.random() < 0.5:
        snapshot.fields["f"].number = random.choice(("0", "1.0", "2"))
    return snapshot


def make_person(random: Random, created_ms: int) -> ProfileSnapshot:
    """A customer known since then, with consents and a birthday near that day."""
    snapshot = make_profile(random)
    snapshot.version = 1
    snapshot.create_time.FromMilliseconds(created_ms)
    snapshot.consents[:] = random.choice(
        ([], ["marketing.email"], ["marketing.email", "marketing_night.sms"])
    )
    born = datetime.fromtimestamp(created_ms / 1000, UTC) + timedelta(days=random.randint(-2, 6))
    snapshot.birthday = random.choice(("", f"{born:%m-%d}", f"{born:%m-%d}", "02-29"))
    return snapshot


def make_step(random: Random) -> tuple[str, Any]:
    """Events, a profile, one that a newer one has overtaken, or time passing."""
    kind = random.choice(("events",) * 16 + ("time",) * 12 + ("profile", "profile", "overtaken"))
    if kind == "time":
        return kind, make_offset(random, late=0)
    if kind in ("profile", "overtaken"):
        return kind, make_person(random, BASE_MS)
    late = random.choice((0, 0, 0.7))
    count = random.choice((1, 1, 2, 3))
    return kind, [(make_offset(random, late), make_content(random)) for _ in range(count)]
