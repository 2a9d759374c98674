"""Run the figures: python -m bench, with ONLY=name and JSON=file from the environment."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import uvloop

from bench import graphql, ingest, latency, ledger
from bench.context import Bench, bench
from bench.figures import Figure, write_json

Part = Callable[[Bench], AsyncIterator[Figure]]
PARTS: dict[str, Part] = {
    "ingest": ingest.figures,
    "latency": latency.figures,
    "issue": ledger.issue_figures,
    "redemption": ledger.redemption_figures,
    "graphql": graphql.figures,
}


async def run(names: list[str], json_path: Path | None) -> None:
    """Run the parts named, each on a stack of its own so that none warms another."""
    figures: list[Figure] = []
    for name in names:
        with tempfile.TemporaryDirectory(prefix="dangol-bench-") as directory:
            async with bench(Path(directory)) as context:
                async for figure in PARTS[name](context):
                    print(figure.line(), flush=True)
                    figures.append(figure)
    if json_path:
        write_json(figures, json_path)


def main() -> int:
    """Exit code 0; 2 when ONLY names no part. Errors end the run with a traceback."""
    only = os.environ.get("ONLY", "")
    unknown = only and only not in PARTS
    if unknown:
        print(f"ONLY={only} is no part of the bench; use one of {', '.join(PARTS)}")
        return 2
    json_file = os.environ.get("JSON", "")
    uvloop.install()
    asyncio.run(run([only] if only else list(PARTS), Path(json_file) if json_file else None))
    return 0


if __name__ == "__main__":
    sys.exit(main())
