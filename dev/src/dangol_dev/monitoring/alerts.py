"""The alerts: on what people feel (objectives), and on what is about to be felt (ages)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dangol_dev.monitoring.objectives import FAST, SELECTOR, SLOW, burns, recordings

RUNBOOKS = "@RUNBOOKS@"
AVAILABILITY = "@AVAILABILITY_PERCENT@"
LATENCY = "@LATENCY_PERCENT@"
CERTIFICATE = "@CERTIFICATE_SECONDS@"
PARTS = ("profile", "segmentation", "offers", "gateway")


@dataclass(frozen=True, slots=True)
class Alert:
    """hold: for how long the condition has to hold. summary and description are templates of
    Prometheus."""

    name: str
    severity: str
    hold: str
    expression: str
    summary: str
    description: str

    def rule(self) -> dict[str, Any]:
        """As it stands in a file of rules."""
        return {
            "alert": self.name,
            "expr": self.expression,
            "for": self.hold,
            "labels": {"severity": self.severity},
            "annotations": {
                "summary": self.summary,
                "description": self.description,
                "runbook_url": f"{RUNBOOKS}docs/runbooks/{self.name}.md",
            },
        }


def _max(metric: str, by: str = "", more: str = "") -> str:
    labels = f"dangol, {by}" if by else "dangol"
    return f"max by ({labels}) ({_series(metric, more)})"


def _min(metric: str, by: str = "", more: str = "") -> str:
    return _max(metric, by, more).replace("max", "min", 1)


def _unreached(dependency: str) -> str:
    return _min("dangol_dependency_up", "part", f'dependency="{dependency}"') + " == 0"


def _absent(part: str) -> str:
    selector = f'part="{part}"'
    return f"absent({_series('process_uptime_seconds', selector)})"


def _series(metric: str, more: str = "") -> str:
    return f"{metric}{{{SELECTOR}, {more}}}" if more else f"{metric}{{{SELECTOR}}}"


def _quantile(metric: str, window: str, by: str = "") -> str:
    """The 99th percentile of a histogram of seconds."""
    labels = ", ".join(filter(None, ("dangol", by, "le")))
    rates = f"sum by ({labels}) (rate({_series(metric + '_bucket')}[{window}]))"
    return f"histogram_quantile(0.99, {rates})"


PART = "{{ $labels.part }}"
SHARE = "{{ $value | humanizePercentage }}"
AGE = "{{ $value | humanizeDuration }}"
COUNT = "{{ $value }}"

OBJECTIVES = [
    Alert(
        "DangolErrorsBurnFast",
        "critical",
        "2m",
        burns("calls_failed", AVAILABILITY, FAST),
        f"{PART} fails so many calls that a month's error budget is gone in days",
        f"{SHARE} of the calls to {PART} fail for reasons that are ours.",
    ),
    Alert(
        "DangolErrorsBurnSlowly",
        "warning",
        "15m",
        burns("calls_failed", AVAILABILITY, SLOW),
        f"{PART} uses up its error budget before the month is over",
        f"Over three days {SHARE} of the calls to {PART} failed for reasons that are ours.",
    ),
    Alert(
        "DangolCallsSlowFast",
        "critical",
        "2m",
        burns("calls_slow", LATENCY, FAST),
        f"{PART} is so slow that a month's latency budget is gone in days",
        f"{SHARE} of the calls to {PART} take more than half a second.",
    ),
    Alert(
        "DangolCallsSlowSlowly",
        "warning",
        "15m",
        burns("calls_slow", LATENCY, SLOW),
        f"{PART} uses up its latency budget before the month is over",
        f"Over three days {SHARE} of the calls to {PART} took more than half a second.",
    ),
]

FRESHNESS = [
    Alert(
        "DangolIngestLags",
        "warning",
        "10m",
        f"{_quantile('dangol_profile_ingest_lag_seconds', '10m')} > 5",
        "Events count late",
        f"One write in a hundred is decided on only after {AGE}.",
    ),
    Alert(
        "DangolIntentsOpen",
        "critical",
        "5m",
        f"{_max('dangol_profile_oldest_intent_seconds')} > 120",
        "Writes are recorded, but segmentation has not decided on them",
        f"The oldest has been open for {AGE}; the relay should have had it replayed after 10 s.",
    ),
    Alert(
        "DangolDeadlinesLate",
        "warning",
        "10m",
        f"{_quantile('dangol_segmentation_deadline_lateness_seconds', '10m')} > 1",
        "Memberships that change by themselves change late",
        f"One in a hundred is announced {AGE} after its instant.",
    ),
    Alert(
        "DangolDeadlinesPileUp",
        "critical",
        "5m",
        f"{_max('dangol_segmentation_customers_overdue')} > 1000",
        "Deadlines fall due faster than they are fired",
        f"{COUNT} customers have a deadline that nobody has taken.",
    ),
    Alert(
        "DangolAnnouncementsWait",
        "critical",
        "5m",
        f"{_max('dangol_segmentation_outbox_age_seconds')} > 60",
        "Membership changes do not get through to MongoDB or the bus",
        f"A replica has not got everything through for {AGE}: campaigns hear nothing.",
    ),
    Alert(
        "DangolBusLags",
        "warning",
        "5m",
        f"{_max('dangol_offers_bus_age_seconds')} > 60",
        "Offers is behind with membership changes",
        f"The oldest change on the bus has waited for {AGE}.",
    ),
    Alert(
        "DangolRelayLags",
        "warning",
        "5m",
        f"{_min('dangol_offers_relay_age_seconds')} > 120"
        f" or {_max('dangol_offers_relay_parked_age_seconds')} > 900",
        "What happens to coupons and points does not reach profile",
        f"Events, or those of some accounts, are {AGE} behind the journal.",
    ),
    Alert(
        "DangolMessagesWait",
        "warning",
        "15m",
        f"{_max('dangol_offers_outbox_age_seconds')} > 900",
        "Nobody takes the messages that are to be sent",
        f"The oldest message has waited for a partner for {AGE}.",
    ),
    Alert(
        "DangolStepsStuck",
        "critical",
        "5m",
        f"{_max('dangol_offers_oldest_intent_seconds')} > 120",
        "Holds, gifts or budget lines that ran out are not settled",
        f"The oldest has been overdue for {AGE}; a sweep settles them every half second.",
    ),
]

STATE = [
    Alert(
        "DangolJournalFaults",
        "critical",
        "0m",
        f"{_max('dangol_offers_journal_faults')} > 0",
        "The journal does not add up",
        f"Verification found {COUNT} faults: entries were changed, cut off, or a bug wrote them.",
    ),
    Alert(
        "DangolJournalUnverified",
        "warning",
        "1h",
        f"{_max('dangol_offers_journal_verification_age_seconds')} > 2 * 86400",
        "A journal has not been verified for two days",
        f"The tenant that waits longest was last verified {AGE} ago; daily is the rule.",
    ),
    Alert(
        "DangolJournalQueueLong",
        "critical",
        "2m",
        f"{_max('dangol_offers_commit_pending', 'pod')} > 10000",
        "Steps of the journal queue up",
        f"{COUNT} steps wait in one pod; from 20,000 on it refuses more.",
    ),
    Alert(
        "DangolStateRebuilding",
        "warning",
        "15m",
        f"{_min('dangol_segmentation_partitions_ready')} < 64",
        "Segmentation has been rebuilding lost state for a while",
        f"{COUNT} of 64 partitions are ready; customers of the others get no answer.",
    ),
    Alert(
        "DangolRebuildStuck",
        "critical",
        "5m",
        f"{_min('dangol_segmentation_partitions_ready')} < 64 and "
        "sum by (dangol) (changes("
        f"{_series('dangol_segmentation_rebuild_customers_done')}[10m])) == 0",
        "Segmentation's rebuild does not get on",
        f"{COUNT} of 64 partitions are ready, and no customer was rebuilt for ten minutes.",
    ),
]

SURROUNDINGS = [
    Alert(
        "DangolMongodbUnreachable",
        "critical",
        "1m",
        _unreached("mongodb"),
        f"{PART} does not reach MongoDB",
        f"A pod of {PART} has had no answer from a primary for a minute.",
    ),
    Alert(
        "DangolRedisUnreachable",
        "critical",
        "1m",
        _unreached("redis"),
        f"{PART} does not reach Redis",
        f"A pod of {PART} has had no answer for a minute.",
    ),
    Alert(
        "DangolServiceUnreachable",
        "critical",
        "2m",
        "max by (dangol, dependency) ("
        + _series("dangol_dependency_up", 'part="gateway"')
        + ") == 0",
        "No gateway reaches {{ $labels.dependency }}",
        "No replica of {{ $labels.dependency }} says that it serves.",
    ),
    Alert(
        "DangolPartMissing",
        "critical",
        "5m",
        " or ".join(map(_absent, PARTS)),
        f"No pod of {PART} tells anything",
        f"Metrics of {PART} are missing: it is down, or Prometheus does not reach it.",
    ),
    Alert(
        "DangolPodsRestart",
        "warning",
        "0m",
        f"sum by (dangol, part) (resets({_series('process_uptime_seconds')}[30m])) >= 3",
        f"Containers of {PART} keep ending",
        f"{COUNT} restarts within half an hour.",
    ),
    Alert(
        "DangolCertificateEnds",
        "warning",
        "1h",
        f"{_min('dangol_certificate_remaining_seconds', 'part')} < {CERTIFICATE}",
        f"The certificate of {PART} was not renewed",
        f"It is good for {AGE} more; then no service talks to another.",
    ),
    Alert(
        "DangolEventLoopLate",
        "warning",
        "10m",
        f"{_quantile('dangol_event_loop_lateness_seconds', '5m', 'part')} > 0.25",
        f"{PART} has more to do than one processor can",
        f"Its event loop wakes {AGE} late, and every call with it.",
    ),
]

ALERTS = [*OBJECTIVES, *FRESHNESS, *STATE, *SURROUNDINGS]


def groups() -> list[dict[str, Any]]:
    """Groups of rules, with tokens that the chart replaces."""
    alerts = {
        "dangol.objectives": OBJECTIVES,
        "dangol.freshness": FRESHNESS,
        "dangol.state": STATE,
        "dangol.surroundings": SURROUNDINGS,
    }
    return [
        {"name": "dangol.recordings", "rules": recordings()},
        *({"name": name, "rules": [one.rule() for one in some]} for name, some in alerts.items()),
    ]
