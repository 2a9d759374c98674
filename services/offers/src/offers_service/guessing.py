"""How often whoever does not know a code or a token may try one. Pure.

Codes and tokens are too long to be guessed; this keeps anybody from trying. Wrong tries are counted
for whoever sends them, in windows of wall time that begin with the first wrong one. A try is taken
before it is looked up and given back when it was right, so that many at once are not more than one
after the other. Once the tries are used up, right and wrong ones get the same answer.
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


def allowed(counted: int, taken: int, tries_max: int) -> int:
    """How many of `taken` tries may be looked up, when with them `counted` were taken."""
    before = counted - taken
    return max(0, min(taken, tries_max - before))
