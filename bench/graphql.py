"""The gateway: one query that makes one gRPC call, beside that call and a bare Strawberry."""

from __future__ import annotations

from collections.abc import AsyncIterator

from dangol.segmentation.v1 import segment_service_pb2 as segments
from gateway_service.types_segments import DEAR, FIELDS

from bench import shop
from bench.context import Bench, bare_server, one_by_one, together
from bench.figures import Figure, percentile
from bench.http import HttpClient

CALL_COUNT = 600
CONCURRENT = 16
QUERY = "query One($id: ID!) { segment(id: $id) { id rule version } }"


async def figures(bench: Bench) -> AsyncIterator[Figure]:
    """p50 one by one, and requests a second with 16 clients."""
    await shop.install_segments(bench)
    body = {"query": QUERY, "variables": {"id": "segment-1"}}
    # The very call that the gateway makes of the query, with as little asked for.
    request = segments.BatchGetSegmentsRequest(segment_ids=["segment-1"])
    request.read_mask.paths.extend(sorted(FIELDS.difference(DEAR.values())))
    async with bare_server("graphql", bench.directory) as port:
        gateway = HttpClient(bench.stack.ports.gateway, "/graphql", bench.token())
        bare = HttpClient(port, "/")

        async def ours() -> None:
            await gateway.post(body)

        async def direct() -> None:
            await bench.admin.call(bench.admin.segments.BatchGetSegments, request)

        async def hello() -> None:
            await bare.post({"query": "{ hello }"})

        for call in (ours, hello, direct):
            await one_by_one(call, 100)
        times_ms = {
            name: percentile(await one_by_one(call, CALL_COUNT), 0.5)
            for name, call in (("ours", ours), ("hello", hello), ("grpc", direct))
        }
        yield Figure(
            "GraphQL query with one gRPC call, p50",
            times_ms["ours"],
            "ms",
            "the same call by gRPC + bare hello",
            times_ms["hello"] + times_ms["grpc"],
            "ratio <= 1.3",
        )
        yield Figure(
            f"the same, {CONCURRENT} clients",
            await together(ours, 3 * CALL_COUNT, CONCURRENT),
            "requests/s",
            "bare hello",
            await together(hello, 3 * CALL_COUNT, CONCURRENT),
            "ratio >= 0.55",
        )
        gateway.close()
        bare.close()
