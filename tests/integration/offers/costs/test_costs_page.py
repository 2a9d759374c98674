"""docs/costs.md tells what steps cost as they are."""

from __future__ import annotations

from pathlib import Path

from bench.costs import costs

PAGE = Path(__file__).resolve().parents[4] / "docs/costs.md"


def _counts(row: str) -> list[str]:
    """The step's name, its round trips, documents read and documents written."""
    return [cell.strip() for cell in row.strip("| ").split(" | ")[:4]]


async def test_the_page_of_costs_counts_what_steps_do(mongodb_uri: str, database_name: str) -> None:
    """Round trips, documents read and written of every step, counted anew."""
    found = await costs(mongodb_uri, database_name, alone=3, crowd=0)
    rows = [line for line in PAGE.read_text().splitlines() if line.startswith("| ")]
    assert [_counts(cost.row()) for cost in found] == [_counts(row) for row in rows[2:]]
