"""What has to be true of customers, told by what was answered; as simple as it can be."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

SEOUL = ZoneInfo("Asia/Seoul")

Name = tuple[str, str]


@dataclass(frozen=True)
class Sent:
    """One event as it was sent. lines are (product, category, amount)."""

    name: Name
    event_id: str
    at_ms: int
    kind: str
    amount: int
    store: str
    lines: tuple[tuple[str, str, int], ...]

    @property
    def key(self) -> tuple[Name, str]:
        """Under which it counts once."""
        return self.name, self.event_id


@dataclass
class Model:
    """group: whose a name is; gone_ms: until when what happened under it stays out."""

    group: dict[Name, int] = field(default_factory=dict)
    events: dict[tuple[Name, str], Sent] = field(default_factory=dict)
    gone_ms: dict[Name, int] = field(default_factory=dict)
    tags: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    _made: int = 0

    def unify(self, names: Iterable[Name]) -> None:
        """These names are one customer's from now on."""
        names = list(names)
        self._made += 1
        merged = {self.group[one] for one in names if one in self.group}
        for one in [one for one, group in self.group.items() if group in merged]:
            self.group[one] = self._made
        for one in names:
            self.group[one] = self._made
        for group in merged:
            self.tags[self._made] |= self.tags.pop(group, set())

    def may_conflict(self, names: Iterable[Name]) -> bool:
        """Whether two members are named, or would become one."""
        asked = set(names)
        groups = {self.group[one] for one in asked if one in self.group}
        joined = asked | {one for one, group in self.group.items() if group in groups}
        return sum(namespace == "member" for namespace, _ in joined) >= 2

    def must_conflict(self, names: Iterable[Name]) -> bool:
        """Whether these names are two members' already: those are never one customer."""
        members = {group for (kind, _), group in self.group.items() if kind == "member"}
        asked = {self.group[one] for one in names if one in self.group}
        return len(asked & members) >= 2

    def record(self, sent: Sent) -> None:
        """It is in the log from now on, once."""
        if sent.name not in self.group:
            self.unify([sent.name])
        self.events[sent.key] = sent

    def expected(self, sent: Sent) -> str:
        """What recording it now has to answer."""
        if sent.at_ms <= self.gone_ms.get(sent.name, -1):
            return "rejected"
        return "duplicate" if sent.key in self.events else "recorded"

    def erase(self, group: int, floor_ms: int) -> None:
        """Nothing of this customer is left, and nothing until then comes back."""
        for name in [one for one, its in self.group.items() if its == group]:
            del self.group[name]
            self.gone_ms[name] = floor_ms
            for key in [key for key in self.events if key[0] == name]:
                del self.events[key]
        self.tags.pop(group, None)

    def groups(self) -> dict[int, list[Name]]:
        """Names by customer."""
        found: dict[int, list[Name]] = defaultdict(list)
        for name, group in self.group.items():
            found[group].append(name)
        return found

    def of(self, names: Iterable[Name]) -> list[Sent]:
        """Everything that happened under these names."""
        wanted = set(names)
        return [one for one in self.events.values() if one.name in wanted]


def recount(events: list[Sent]) -> dict[str, Any]:
    """The facts, from the log as it was sent."""
    bought = [one for one in events if one.kind == "purchase"]
    back = [one for one in events if one.kind == "return"]
    days = sorted(
        {datetime.fromtimestamp(one.at_ms / 1000, UTC).astimezone(SEOUL).date() for one in bought}
    )
    spent: Counter[str] = Counter()
    orders: Counter[str] = Counter()
    for one in bought:
        for _, category, amount in one.lines:
            spent[category] += amount
        orders.update({category for _, category, _ in one.lines})
    best = sorted(spent, key=lambda name: (-spent[name], -orders[name], name))
    return {
        "first_seen": min((one.at_ms for one in events), default=None),
        "last_seen": max((one.at_ms for one in events), default=None),
        "orders": len(bought),
        "revenue": sum(one.amount for one in bought),
        "returned": sum(one.amount for one in back),
        "cycle": median((b - a).days for a, b in pairwise(days)) if len(days) > 1 else None,
        "categories": [(name, spent[name]) for name in best[:5]],
        "stores": dict(Counter(one.store for one in (*bought, *back) if one.store)),
    }
