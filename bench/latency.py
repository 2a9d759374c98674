"""One tracked event: from the GraphQL mutation to the membership change in its answer."""

from __future__ import annotations

import datetime
from collections.abc import AsyncIterator

from dangol.events.v1.event_pb2 import Event

from bench import shop
from bench.context import Bench, Call, at_rate, bare_server, new_id
from bench.figures import Figure, percentile
from bench.http import HttpClient
from bench.ingest import drive

EVENT_COUNT = 600
EVENTS_A_SECOND = 100
MUTATION = """
mutation Track($events: [EventInput!]!) {
  track(input: {events: $events}) {
    ... on TrackSuccess { results { outcome } changes { segmentId kind } changesPending }
    ... on TrackRefused { code message field }
  }
}
"""


def track(gateway: HttpClient, number: int) -> Call:
    """A bad review by a known customer, who thereby enters a segment."""
    event = {
        "eventId": new_id(),
        "customer": {"namespace": "member", "value": f"reviewer-{number}"},
        "type": "review",
        "occurredAt": datetime.datetime.now(datetime.UTC).isoformat(),
        "rating": 1,
    }
    body = {"query": MUTATION, "variables": {"events": [event]}}

    async def call() -> None:
        data = await gateway.post(body)
        changes = data["track"].get("changes")
        if not any(change["segmentId"] == "segment-0" for change in changes or ()):
            raise RuntimeError(f"the event changed no membership: {data}")

    return call


async def make_known(bench: Bench, numbers: range) -> None:
    """Let the customers have been there before: most who do something have."""
    visits = []
    for number in numbers:
        visit = Event(event_id=new_id(), type="visit")
        visit.customer.namespace, visit.customer.value = "member", f"reviewer-{number}"
        visit.occurred_at.GetCurrentTime()
        visits.append(visit)
    await drive(bench, visits)


async def figures(bench: Bench) -> AsyncIterator[Figure]:
    """p50 and p99 at 100 events a second, 25 live segments, beside a bare hello at that rate."""
    await shop.install_segments(bench)
    await make_known(bench, range(-100, EVENT_COUNT))
    gateway = HttpClient(bench.stack.ports.gateway, "/graphql", bench.token())
    async with bare_server("graphql", bench.directory) as port:
        bare = HttpClient(port, "/")

        async def hello() -> None:
            await bare.post({"query": "{ hello }"})

        await at_rate([track(gateway, -number) for number in range(1, 101)], EVENTS_A_SECOND)
        calls = [track(gateway, number) for number in range(EVENT_COUNT)]
        times_ms = await at_rate(calls, EVENTS_A_SECOND)
        hello_ms = await at_rate([hello] * EVENT_COUNT, EVENTS_A_SECOND)
        bare.close()
    gateway.close()
    for share, goal in ((0.5, "<= 10"), (0.99, "<= 40")):
        yield Figure(
            f"one tracked event to its change, 100/s, p{share * 100:.0f}",
            percentile(times_ms, share),
            "ms",
            "bare hello",
            percentile(hello_ms, share),
            goal,
        )
