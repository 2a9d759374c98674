"""Run the figures: python -m bench, with ONLY=name and JSON=file from the environment.

Smaller ones for trying: CUSTOMERS for records and insight, ROWS for imports, CUSTOMERS and DUE for
deadlines, STATES for states, COUPONS for coupon_steps, CALLS for coupon_calls, CODES for codes,
SIZED for sizing. PAGE=docs/costs.md has costs write that page, PAGE=docs/sizing.md sizing.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import uvloop

from bench import (
    bad_rules,
    budgeted_steps,
    codes,
    costs,
    coupon_calls,
    coupon_steps,
    deadlines,
    edge,
    engine_step,
    graphql,
    imports,
    ingest,
    insight,
    latency,
    ledger,
    products,
    protection,
    records,
    sizing,
    states,
    subscribers,
    telemetry,
)
from bench.context import Bench, bench
from bench.figures import Figure, write_json

Part = Callable[[Bench], AsyncIterator[Figure]]
PARTS: dict[str, Part] = {
    "ingest": ingest.figures,
    "ingest_250": ingest.many_figures,
    "latency": latency.figures,
    "deadlines": deadlines.figures,
    "states": states.figures,
    "issue": ledger.issue_figures,
    "codes": codes.figures,
    "redemption": ledger.redemption_figures,
    "coupon_calls": coupon_calls.figures,
    "graphql": graphql.figures,
    "insight": insight.figures,
    "products": products.figures,
    "records": records.figures,
    "imports": imports.figures,
    "telemetry": telemetry.figures,
    "subscribers": subscribers.figures,
    "sizing": sizing.figures,
}
# Parts that need no stack: what they need of servers they start.
BARE_PARTS: dict[str, Callable[[], AsyncIterator[Figure]]] = {
    "engine": engine_step.figures,
    "edge": edge.figures,
    "protection": protection.figures,
    "bad_rules": bad_rules.figures,
    "coupon_steps": coupon_steps.figures,
    "costs": costs.figures,
    "budgets": budgeted_steps.figures,
}


async def run(names: list[str], json_path: Path | None) -> None:
    """Run the parts named, each on a stack of its own so that none warms another."""
    figures: list[Figure] = []
    for name in names:
        async for figure in _measure(name):
            print(figure.line(), flush=True)
            figures.append(figure)
    if json_path:
        write_json(figures, json_path)


async def _measure(name: str) -> AsyncIterator[Figure]:
    if name in BARE_PARTS:
        async for figure in BARE_PARTS[name]():
            yield figure
        return
    with tempfile.TemporaryDirectory(prefix="dangol-bench-") as directory:
        async with bench(Path(directory)) as context:
            async for figure in PARTS[name](context):
                yield figure


def main() -> int:
    """Exit code 0; 2 when ONLY names no part. Errors end the run with a traceback."""
    only = os.environ.get("ONLY", "")
    names = [*PARTS, *BARE_PARTS]
    if only and only not in names:
        print(f"ONLY={only} is no part of the bench; use one of {', '.join(names)}")
        return 2
    json_file = os.environ.get("JSON", "")
    uvloop.install()
    asyncio.run(run([only] if only else names, Path(json_file) if json_file else None))
    return 0


if __name__ == "__main__":
    sys.exit(main())
