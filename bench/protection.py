"""What the gateway's protection costs, and what it saves from: limits, credentials, masking."""

from __future__ import annotations

import itertools
import statistics
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

from dangol_dev.processes import free_port
from gateway_service.schema import make_schema
from graphql import parse

from bench import context, shop
from bench.context import Bench, serving, together
from bench.figures import Figure, percentile
from bench.graphql import CONCURRENT, QUERY
from bench.http import HttpClient
from bench.telemetry import Collector

CALLS_A_ROUND = 400
ROUNDS = 8
BOMBS = 50
_FRAGMENTS = 98
_REFUSED = "QUERY_TOO_COMPLEX"


def bomb(number: int) -> str:
    """1,000 tokens that come to 2 ** 98 fields; another text for each number, so none is known."""
    name = f"B{number}x"
    parts = [
        f"fragment {name}{one} on Query {{ ...{name}{one + 1} ...{name}{one + 1} }}"
        for one in range(_FRAGMENTS)
    ]
    last = f"fragment {name}{_FRAGMENTS} on Query {{ me {{ role }} }}"
    return " ".join([f"{{ ...{name}0 }}", *parts, last])


async def figures() -> AsyncIterator[Figure]:
    """Requests a second with it and without, by turns; then what a fragment bomb takes."""
    with tempfile.TemporaryDirectory(prefix="dangol-bench-") as name:
        async with Collector() as collector:
            environment = {"DANGOL_OTLP_ENDPOINT": collector.endpoint}
            async with context.bench(Path(name), environment) as bench:
                await shop.install_segments(bench)
                gateway = HttpClient(bench.stack.ports.gateway, "/graphql", bench.token())
                yield await _queries(bench, gateway)
                yield await _bombs(gateway)
                gateway.close()
    yield await _measured_bombs()


async def _queries(bench: Bench, gateway: HttpClient) -> Figure:
    port = free_port()
    targets = [bench.stack.targets[name] for name in ("profile", "segmentation", "offers")]
    jwks = str(bench.stack.keys / "jwks.json")
    module = ["bench.plain_gateway", str(port), jwks, bench.token(), *targets]
    async with serving("plain-gateway", module, port, bench.directory):
        plain = HttpClient(port, "/")
        body = {"query": QUERY, "variables": {"id": "segment-1"}}
        rates: dict[HttpClient, list[float]] = {gateway: [], plain: []}
        for _ in range(ROUNDS):
            for client, found in rates.items():

                async def ask(client: HttpClient = client) -> None:
                    await client.post(body)

                found.append(await together(ask, CALLS_A_ROUND, CONCURRENT))
        plain.close()
    return Figure(
        "queries under limits, credentials, masking, 1 % traces",
        statistics.median(rates[gateway]),
        "requests/s",
        "the same schema without them",
        statistics.median(rates[plain]),
        "ratio >= 0.85",
    )


async def _bombs(gateway: HttpClient) -> Figure:
    numbers = itertools.count()
    times_ms = []
    for _ in range(BOMBS):
        body = {"query": bomb(next(numbers))}
        started = time.perf_counter()
        answer = await gateway.answer(body)
        times_ms.append((time.perf_counter() - started) * 1000)
        if answer["errors"][0]["extensions"]["code"] != _REFUSED:
            raise RuntimeError(f"the bomb went off: {answer}")
    parsing_ms = []
    for _ in range(BOMBS):
        text = bomb(next(numbers))
        started = time.perf_counter()
        parse(text)
        parsing_ms.append((time.perf_counter() - started) * 1000)
    return Figure(
        "a fragment bomb of 1,000 tokens refused, p50",
        percentile(times_ms, 0.5),
        "ms",
        "parsing its text alone",
        percentile(parsing_ms, 0.5),
        "value <= 10",
    )


async def _measured_bombs() -> Figure:
    """The same without HTTP, in processor time: what else runs on the machine does not count."""
    schema = make_schema()
    taken_ms: dict[str, list[float]] = {"refused": [], "parsed": []}
    for number in range(BOMBS):
        text = bomb(number)
        began = time.process_time()
        result = await schema.execute(text)
        taken_ms["refused"].append((time.process_time() - began) * 1000)
        if not result.errors:
            raise RuntimeError("the bomb was let through")
        began = time.process_time()
        parse(text)
        taken_ms["parsed"].append((time.process_time() - began) * 1000)
    return Figure(
        "the same, processor time",
        percentile(taken_ms["refused"], 0.5),
        "ms",
        "parsing its text alone",
        percentile(taken_ms["parsed"], 0.5),
        "value <= 10",
    )
