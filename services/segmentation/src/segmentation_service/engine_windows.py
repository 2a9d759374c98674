"""Windows that slide: what lies inside, kept up to date event by event as time moves on."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, deque
from collections.abc import Callable
from fractions import Fraction
from typing import Any, Protocol

from segmentation_service.features import NEVER

Number = int | Fraction


class Slide(Protocol):
    """A value at an instant that only moves on."""

    def value(self) -> Number | None:
        """As of the instant; None when there is none."""
        ...

    def next_ms(self) -> int:
        """When the next event enters or leaves."""
        ...

    def move(self, at_ms: int) -> None:
        """Goes on to an instant that is not after next_ms()."""
        ...


class Held(Protocol):
    """What is known of the values inside. They leave in the order in which they came."""

    def enter(self, value: Any) -> None:
        """The next one comes in."""
        ...

    def leave(self, value: Any) -> None:
        """The oldest one goes."""
        ...

    def value(self) -> Number | None:
        """What they come to."""
        ...


class Total:
    """Their sum; of nothing it is 0. The few numbers beyond 64 bits stand as text."""

    def __init__(self) -> None:
        self.sum = 0
        self.count = 0

    def enter(self, value: int | str) -> None:
        """Adds it."""
        self.sum += int(value)
        self.count += 1

    def leave(self, value: int | str) -> None:
        """Takes it off again."""
        self.sum -= int(value)
        self.count -= 1

    def value(self) -> Number | None:
        """The sum."""
        return self.sum


class Average(Total):
    """Their exact average; of nothing there is none."""

    def value(self) -> Number | None:
        """The average."""
        return Fraction(self.sum, self.count) if self.count else None


class Greatest:
    """The greatest of them; of nothing there is none. sign -1 gives the least.

    Keeps those that no later one exceeds, so each enters and leaves once: the monotone queue of
    Lemire, Streaming Maximum-Minimum Filter Using No More than Three Comparisons per Element.
    """

    def __init__(self, sign: int = 1) -> None:
        self.sign = sign
        self.entered = 0
        self.left = 0
        self.best: deque[tuple[int, int]] = deque()

    def enter(self, value: int | str) -> None:
        """Whoever is smaller will never be the greatest again."""
        number = self.sign * int(value)
        while self.best and self.best[-1][0] <= number:
            self.best.pop()
        self.best.append((number, self.entered))
        self.entered += 1

    def leave(self, value: int | str) -> None:  # noqa: ARG002 - it is known by its number
        """The oldest may have been the greatest."""
        if self.best[0][1] == self.left:
            self.best.popleft()
        self.left += 1

    def value(self) -> Number | None:
        """The greatest, or least."""
        return self.sign * self.best[0][0] if self.best else None


class Different:
    """How many different values there are."""

    def __init__(self) -> None:
        self.counts: Counter[Any] = Counter()

    def enter(self, value: Any) -> None:
        """One more of it."""
        self.counts[value] += 1

    def leave(self, value: Any) -> None:
        """One fewer of it."""
        self.counts[value] -= 1
        if not self.counts[value]:
            del self.counts[value]

    def value(self) -> Number | None:
        """How many."""
        return len(self.counts)


HOLDERS: dict[str, Callable[[], Held]] = {
    "sum": Total,
    "avg": Average,
    "min": lambda: Greatest(-1),
    "max": Greatest,
    "distinct": Different,
}


def total(values: list[Any]) -> int:
    """The sum at one instant: numbers beyond 64 bits, which stand as text, are rare."""
    try:
        return sum(values)
    except TypeError:
        return sum(map(int, values))


# The same for one instant alone, without keeping anything.
REDUCTIONS: dict[str, Callable[[list[Any]], Number | None]] = {
    "sum": total,
    "avg": lambda values: Fraction(total(values), len(values)) if values else None,
    "min": lambda values: min(map(int, values), default=None),
    "max": lambda values: max(map(int, values), default=None),
    "distinct": lambda values: len(set(values)),
}


class Still:
    """A value that time alone never changes."""

    def __init__(self, value: Number | None) -> None:
        self._value = value

    def value(self) -> Number | None:
        """As it is."""
        return self._value

    def next_ms(self) -> int:
        """Never."""
        return NEVER

    def move(self, at_ms: int) -> None:
        """Nothing changes."""


class Times:
    """How many of these times, in order, lie in the window: t + newer_ms <= n < t + older_ms."""

    __slots__ = ("begin", "end", "newer_ms", "older_ms", "times")

    def __init__(self, times: list[int], older_ms: int, newer_ms: int, now_ms: int) -> None:
        self.times = times
        self.older_ms = older_ms
        self.newer_ms = newer_ms
        self.begin = bisect_right(times, now_ms - older_ms)
        self.end = bisect_right(times, now_ms - newer_ms)

    def value(self) -> Number | None:
        """How many."""
        return self.end - self.begin

    def next_ms(self) -> int:
        """When the next one enters or leaves."""
        times = self.times
        next_ms = NEVER
        if self.begin < len(times):
            next_ms = times[self.begin] + self.older_ms
        if self.end < len(times):
            next_ms = min(next_ms, times[self.end] + self.newer_ms)
        return next_ms

    def move(self, at_ms: int) -> None:
        """Those that enter by then, and those that leave."""
        times = self.times
        while self.end < len(times) and times[self.end] + self.newer_ms <= at_ms:
            self.end += 1
        while self.begin < self.end and times[self.begin] + self.older_ms <= at_ms:
            self.begin += 1


class Values:
    """What the values of the events inside come to."""

    __slots__ = ("held", "inside", "values")

    def __init__(self, inside: Times, values: list[Any], held: Held) -> None:
        self.inside = inside
        self.values = values
        self.held = held
        for at in range(inside.begin, inside.end):
            held.enter(values[at])

    def value(self) -> Number | None:
        """As of the instant."""
        return self.held.value()

    def next_ms(self) -> int:
        """When the next event enters or leaves."""
        return self.inside.next_ms()

    def move(self, at_ms: int) -> None:
        """Those that enter by then, and those that leave."""
        inside = self.inside
        begin, end = inside.begin, inside.end
        inside.move(at_ms)
        for at in range(end, inside.end):
            self.held.enter(self.values[at])
        for at in range(begin, inside.begin):
            self.held.leave(self.values[at])
