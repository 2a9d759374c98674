"""How often whoever does not know a code or a token may try one. Pure.

Codes and tokens are too long to be guessed; this keeps anybody from trying. Wrong tries are counted
for whoever sends them, in windows of wall time that begin with the first wrong one. A try is taken
before it is looked up and given back when it was right, so that many at once are not more than one
after the other: those for which there is no place yet wait until others have turned out right or
wrong. Once the tries are used up by wrong ones, right and wrong ones get the same answer.
"""

from __future__ import annotations

from typing import NamedTuple

PERSON_TRIES = 10
SHOP_TRIES = 200
WINDOW_MS = 900_000


class Limits(NamedTuple):
    """Wrong tries within a window: of one person, and of a shop's own caller, behind whom are many
    tills, when it names no customer."""

    person: int = PERSON_TRIES
    shop: int = SHOP_TRIES
    window_ms: int = WINDOW_MS


class Guesser(NamedTuple):
    """Whose tries are counted together: a keyed fingerprint, and how many there may be."""

    print: bytes
    tries_max: int


class Counted(NamedTuple):
    """Tries of a guesser in the window: wrong ones and those under way together, and the latter."""

    taken: int
    under_way: int


def allowed(counted: Counted, taken: int, tries_max: int) -> int:
    """How many of `taken` tries may be looked up, when they are among those counted."""
    before = counted.taken - taken
    return max(0, min(taken, tries_max - before))


def worth_waiting(counted: Counted, taken: int, tries_max: int) -> bool:
    """Whether more of `taken` tries might be looked up once the others under way have ended."""
    wrong = counted.taken - counted.under_way
    return allowed(counted, taken, tries_max) < min(taken, tries_max - wrong)
