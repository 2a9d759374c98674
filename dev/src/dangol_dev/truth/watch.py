"""The platform's answers at instants of the virtual clock, and what differs from DuckDB's."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from dangol_dev.client import Client, gather_bounded
from dangol_dev.closing import read_members
from dangol_dev.truth.answers import Answers


@dataclass
class Watch:
    """Reads the members of segments whenever the clock passes one of the instants.

    `seen` holds them by instant and segment. Give `look` to a run as its on_instant.
    """

    client: Client
    segment_ids: Collection[str]
    instants_ms: Collection[int]
    seen: dict[int, dict[str, set[str]]] = field(default_factory=dict)

    async def look(self, now_ms: int) -> None:
        """Read every segment's members if this is one of the instants."""
        if now_ms not in self.instants_ms:
            return
        ids = list(self.segment_ids)

        async def read(segment_id: str) -> set[str]:
            return set(await read_members(self.client, segment_id))

        self.seen[now_ms] = dict(zip(ids, await gather_bounded(read, ids), strict=True))


@dataclass(frozen=True)
class Difference:
    """Customers of whom the platform and DuckDB do not say the same."""

    segment_id: str
    now_ms: int
    platform_only: frozenset[str]
    duckdb_only: frozenset[str]


@dataclass(frozen=True)
class Comparison:
    """differences over all instants; sizes are DuckDB's, by segment in the order of instants."""

    differences: tuple[Difference, ...]
    sizes: Mapping[str, Sequence[int]]

    def populated(self) -> set[str]:
        """The segments that have members at some instant."""
        return {segment_id for segment_id, sizes in self.sizes.items() if any(sizes)}


def compare(
    seen: Mapping[int, Mapping[str, set[str]]], answers: Answers, queries: Mapping[str, str]
) -> Comparison:
    """Compare the sets of members at every instant with what the queries find."""
    differences: list[Difference] = []
    sizes: dict[str, list[int]] = {segment_id: [] for segment_id in queries}
    for now_ms in sorted(seen):
        for segment_id, query in queries.items():
            found, expected = seen[now_ms][segment_id], answers.members(query, now_ms)
            sizes[segment_id].append(len(expected))
            if found != expected:
                differences.append(
                    Difference(
                        segment_id,
                        now_ms,
                        frozenset(found - expected),
                        frozenset(expected - found),
                    )
                )
    return Comparison(tuple(differences), sizes)
