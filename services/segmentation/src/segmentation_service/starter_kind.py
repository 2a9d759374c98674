"""What a ready segment is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

# What stands for a US dollar in a threshold, in round figures; nobody's exchange rate. Currencies
# that are not named count like dollars.
_DOLLAR = {
    "KRW": 1_000,
    "JPY": 100,
    "CNY": 10,
    "TWD": 30,
    "HKD": 10,
    "THB": 30,
    "INR": 100,
    "PHP": 50,
    "IDR": 15_000,
    "VND": 25_000,
    "CLP": 1_000,
    "HUF": 400,
}
_AMOUNT = re.compile(r"\$(\d+)")


@dataclass(frozen=True, slots=True)
class Starter:
    """A ready segment. starter_id becomes the segment's id; names and why have ko and en.

    `template` is the rule with amounts in dollars ($1000). `covers` names what it is for: B1 the
    missed customers, B2 those who looked, B3 the best ones, B4 birthdays, B5 stores and regions.
    """

    starter_id: str
    names: Mapping[str, str]
    why: Mapping[str, str]
    template: str
    at_risk: bool
    covers: tuple[str, ...]

    def rule(self, currency_code: str) -> str:
        """The rule in canonical form, its amounts being round ones of the currency."""
        unit = _DOLLAR.get(currency_code, 1)
        return _AMOUNT.sub(lambda amount: str(int(amount[1]) * unit), self.template)
