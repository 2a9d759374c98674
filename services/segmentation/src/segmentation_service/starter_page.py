"""docs/segments.md: the starter kit on a page. `make docs` writes it."""

from __future__ import annotations

from collections.abc import Sequence

from segmentation_service.starter import STARTERS, Starter

_DOCUMENT = """# Ready segments

A shop need not write its first rules itself: these {count} segments are there for the asking. The
mutation `installStarterSegments` creates them, all or some, under the ids below; from then on they
are the tenant's own, to be changed, copied or deleted like any other. [rules.md](rules.md) explains
the language.

Amounts are those of a tenant that trades in won; for other currencies they are round amounts of
about the same worth (1000 dollars for 1000000 won). They are amounts of money, not shares: which
tenth of the customers brings most of the revenue cannot be said about one customer alone. Two
segments are about shares and scores; they are empty until the daily job `dangol-insight` has run.

Two rules rest on names that a shop chooses: regions as the profile has them, and the offer
`birthday-coupon`, good for 30 days.

"At risk" says that the revenue of its members counts as revenue at risk.

{sections}"""
_SECTIONS = {
    "B1": "Missed customers",
    "B2": "Those who looked, waited and wished",
    "B3": "The best customers, and fans",
    "B4": "Birthdays",
    "B5": "Stores and regions",
}


def starter_page() -> str:
    """The page in Markdown."""
    sections = [_section(name, title) for name, title in _SECTIONS.items()]
    return _DOCUMENT.format(count=len(STARTERS), sections="\n".join(sections))


def _section(name: str, title: str) -> str:
    found: Sequence[Starter] = [one for one in STARTERS if one.covers[0] == name]
    return f"## {title}\n\n" + "\n".join(_entry(one) for one in found)


def _entry(starter: Starter) -> str:
    risk = " · at risk" if starter.at_risk else ""
    return (
        f"### {starter.names['en']} · {starter.names['ko']}\n\n"
        f"`{starter.starter_id}`{risk}\n\n"
        f"```\n{starter.rule('KRW')}\n```\n\n"
        f"{starter.why['en']}\n\n"
        f"{starter.why['ko']}\n"
    )
