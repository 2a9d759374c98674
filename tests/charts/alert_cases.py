"""Series under which alerts fire, and under which they do not, for promtool's `test rules`.

A case changes what a healthy platform tells; what is expected is the set of alerts that fire.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

RELEASE = "shop/dangol"
MINUTES = 90
# When alerts are looked at, counted from the beginning of the series.
AT_MINUTES = 85
METHOD = "dangol.offers.v1.CouponService/RedeemCoupon"
STREAM = "dangol.segmentation.v1.SegmentService/WatchMemberships"
Series = Mapping[str, str]


def steady(value: float) -> str:
    """A gauge that stays."""
    return f"{value}x{MINUTES}"


def growing(a_minute: float) -> str:
    """A counter."""
    return f"0+{a_minute}x{MINUTES}"


def until(minutes: int, value: float, then: float) -> str:
    """A gauge that changes once."""
    return f"{value}x{minutes} {then}x{MINUTES - minutes}"


def gauge(name: str, part: str, **labels: str) -> str:
    """The name of a series of one pod."""
    everything = {"dangol": RELEASE, "part": part, "pod": f"{part}-0", **labels}
    inside = ",".join(f'{label}="{value}"' for label, value in everything.items())
    return f"{name}{{{inside}}}"


def calls(status: str, method: str = METHOD) -> str:
    """The series that counts calls to offers."""
    labels = {"rpc_method": method, "rpc_response_status_code": status}
    return gauge("rpc_server_call_duration_seconds_count", "offers", **labels)


def quick(method: str = METHOD, status: str = "OK") -> str:
    """The series that counts calls to offers within half a second."""
    labels = {"rpc_method": method, "rpc_response_status_code": status, "le": "0.5"}
    return gauge("rpc_server_call_duration_seconds_bucket", "offers", **labels)


def quick_calls(status: str, a_minute: float) -> dict[str, str]:
    """Calls that end with a status, all of them soon."""
    return {calls(status): growing(a_minute), quick(status=status): growing(a_minute)}


def requests(status: str) -> str:
    """The series that counts requests to the gateway."""
    labels = {"http_request_method": "POST", "http_response_status_code": status}
    return gauge("http_server_request_duration_seconds_count", "gateway", **labels)


def operations(status: str) -> str:
    """The series that counts GraphQL operations."""
    return gauge("dangol_gateway_operations_total", "gateway", status=status)


def lag(metric: str, part: str, seconds: float) -> dict[str, str]:
    """A histogram of which all values are in the bucket that ends with `seconds`."""
    bounds = ("0.01", "0.05", "0.25", "0.5", "1", "2.5", "5", "10", "+Inf")
    return {
        gauge(f"{metric}_bucket", part, le=le): growing(60 if float(le) >= seconds else 0)
        for le in bounds
    }


INGEST, DEADLINES = (
    "dangol_profile_ingest_lag_seconds",
    "dangol_segmentation_deadline_lateness_seconds",
)
LOOP = "dangol_event_loop_lateness_seconds"
OVERDUE = gauge("dangol_segmentation_customers_overdue", "segmentation")
ANNOUNCED = gauge("dangol_segmentation_outbox_age_seconds", "segmentation")
INTENT = gauge("dangol_profile_oldest_intent_seconds", "profile")
BUS = gauge("dangol_offers_bus_age_seconds", "offers")
RELAY = gauge("dangol_offers_relay_age_seconds", "offers")
PARKED = gauge("dangol_offers_relay_parked_age_seconds", "offers")
MESSAGES = gauge("dangol_offers_outbox_age_seconds", "offers")
STEPS = gauge("dangol_offers_oldest_intent_seconds", "offers")
FAULTS = gauge("dangol_offers_journal_faults", "offers")
VERIFIED = gauge("dangol_offers_journal_verification_age_seconds", "offers")
PENDING = gauge("dangol_offers_commit_pending", "offers")
PARTITIONS = gauge("dangol_segmentation_partitions_ready", "segmentation")
REBUILT = gauge("dangol_segmentation_rebuild_customers_done", "segmentation")
CERTIFICATE = gauge("dangol_certificate_remaining_seconds", "profile")


def uptime(part: str) -> str:
    """For how long a pod has run."""
    return gauge("process_uptime_seconds", part)


def up(part: str, dependency: str, pod: int = 0) -> str:
    """Whether a pod is answered."""
    return gauge("dangol_dependency_up", part, dependency=dependency, pod=f"{part}-{pod}")


HEALTHY: dict[str, str] = {
    calls("OK"): growing(6000),
    calls("FAILED_PRECONDITION"): growing(600),
    quick(): growing(6600),
    requests("200"): growing(6000),
    gauge("http_server_request_duration_seconds_bucket", "gateway", le="0.5"): growing(6000),
    operations("OK"): growing(6000),
    operations("INVALID_ARGUMENT"): growing(600),
    **lag(INGEST, "profile", 0.05),
    **lag(DEADLINES, "segmentation", 0.25),
    **lag(LOOP, "profile", 0.01),
    **dict.fromkeys([INTENT, OVERDUE, ANNOUNCED, BUS, RELAY, MESSAGES, STEPS], steady(0)),
    FAULTS: steady(0),
    PENDING: steady(0),
    VERIFIED: growing(60),
    PARTITIONS: steady(64),
    REBUILT: steady(0),
    CERTIFICATE: steady(2_000_000),
    **{uptime(part): growing(60) for part in ("profile", "segmentation", "offers", "gateway")},
    up("profile", "mongodb"): steady(1),
    up("offers", "mongodb"): steady(1),
    up("offers", "redis"): steady(1),
    up("gateway", "offers", 0): steady(1),
    up("gateway", "offers", 1): steady(1),
}


@dataclass(frozen=True, slots=True)
class Case:
    """changed: series of its own, or in the place of a healthy one; gone: those that are not there.
    fires: the alerts expected, everything else being silent."""

    name: str
    fires: frozenset[str]
    changed: Series = field(default_factory=dict)
    gone: frozenset[str] = frozenset()

    def test(self) -> dict[str, Any]:
        """As promtool reads it."""
        series = {**HEALTHY, **self.changed}
        firing = 'count by (alertname) (ALERTS{alertstate="firing"}) > bool 0'
        return {
            "name": self.name,
            "interval": "1m",
            "input_series": [
                {"series": one, "values": values}
                for one, values in series.items()
                if one not in self.gone
            ],
            "promql_expr_test": [
                {
                    "expr": firing,
                    "eval_time": f"{AT_MINUTES}m",
                    "exp_samples": [
                        {"labels": f'{{alertname="{alert}"}}', "value": 1}
                        for alert in sorted(self.fires)
                    ],
                }
            ],
        }


def bad(alert: str, changed: Series, *others: str, gone: tuple[str, ...] = ()) -> Case:
    """A case in which an alert fires, and `others` with it."""
    return Case(alert, frozenset({alert, *others}), changed, frozenset(gone))


def fine(name: str, changed: Series) -> Case:
    """A case in which none fires."""
    return Case(name, frozenset(), changed)


_OVER = AT_MINUTES - 40
OBJECTIVES = [
    fine("a healthy platform", {}),
    bad("DangolErrorsBurnFast", quick_calls("INTERNAL", 200), "DangolErrorsBurnSlowly"),
    bad("DangolErrorsBurnSlowly", {calls("UNAVAILABLE"): growing(20)}),
    bad("DangolCallsSlowFast", {quick(): growing(5000)}, "DangolCallsSlowSlowly"),
    bad("DangolCallsSlowSlowly", {quick(): growing(6600 * 0.98)}),
    Case(
        "operations that fail behind HTTP 200 count",
        frozenset({"DangolErrorsBurnFast", "DangolErrorsBurnSlowly"}),
        {operations("UNAVAILABLE"): growing(300)},
    ),
    fine(
        "faults of callers, and streams that last, burn nothing",
        {
            **quick_calls("INVALID_ARGUMENT", 6000),
            calls("OK", STREAM): growing(6000),
            quick(STREAM): growing(0),
        },
    ),
    Case(
        "what was over ten minutes ago pages nobody",
        frozenset({"DangolErrorsBurnSlowly"}),
        dict.fromkeys(quick_calls("INTERNAL", 0), f"0+200x{_OVER} {200 * _OVER}x60"),
    ),
]
ALONE = [
    bad("DangolIngestLags", lag(INGEST, "profile", 10.0)),
    bad("DangolIntentsOpen", {INTENT: steady(130)}),
    bad("DangolDeadlinesLate", lag(DEADLINES, "segmentation", 2.5)),
    bad("DangolDeadlinesPileUp", {OVERDUE: steady(1001)}),
    bad("DangolAnnouncementsWait", {ANNOUNCED: steady(61)}),
    bad("DangolBusLags", {BUS: steady(61)}),
    bad("DangolRelayLags", {RELAY: steady(121)}),
    bad("DangolRelayLags", {PARKED: steady(901)}),
    bad("DangolMessagesWait", {MESSAGES: steady(901)}),
    bad("DangolStepsStuck", {STEPS: steady(121)}),
    bad("DangolJournalFaults", {FAULTS: until(AT_MINUTES - 1, 0, 1)}),
    bad("DangolJournalUnverified", {VERIFIED: steady(172_801)}),
    bad("DangolJournalQueueLong", {PENDING: steady(10_001)}),
    bad("DangolMongodbUnreachable", {up("profile", "mongodb"): steady(0)}),
    bad("DangolRedisUnreachable", {up("offers", "redis"): steady(0)}),
    bad(
        "DangolServiceUnreachable",
        {up("gateway", "offers", 0): steady(0), up("gateway", "offers", 1): steady(0)},
    ),
    bad("DangolPartMissing", {}, gone=(uptime("offers"),)),
    bad("DangolPodsRestart", {uptime("profile"): "0+60x60 0+60x5 0+60x5 0+60x20"}),
    bad("DangolCertificateEnds", {CERTIFICATE: steady(600_000)}),
    bad("DangolEventLoopLate", lag(LOOP, "profile", 0.5)),
    bad("DangolRebuildStuck", {PARTITIONS: steady(32)}, "DangolStateRebuilding"),
]
TOGETHER = [
    Case(
        "everything at once",
        frozenset().union(*(case.fires for case in ALONE)),
        {name: values for case in ALONE for name, values in case.changed.items()},
        frozenset().union(*(case.gone for case in ALONE)),
    ),
    Case(
        "a rebuild that gets on",
        frozenset({"DangolStateRebuilding"}),
        {PARTITIONS: steady(32), REBUILT: growing(100)},
    ),
    fine(
        "everything just below its limit",
        {
            **lag(INGEST, "profile", 5.0),
            **lag(DEADLINES, "segmentation", 1.0),
            **lag(LOOP, "profile", 0.25),
            INTENT: steady(119),
            OVERDUE: steady(1000),
            ANNOUNCED: steady(59),
            BUS: steady(59),
            RELAY: steady(119),
            MESSAGES: steady(899),
            STEPS: steady(119),
            VERIFIED: steady(172_799),
            PENDING: steady(10_000),
            CERTIFICATE: steady(604_801),
            up("gateway", "offers", 0): steady(0),
            uptime("offers"): "0+60x60 0+60x10 0+60x20",
        },
    ),
    fine(
        "what passes before it was to be told",
        {
            INTENT: until(AT_MINUTES - 4, 0, 500),
            STEPS: until(AT_MINUTES - 4, 0, 500),
            PARTITIONS: until(AT_MINUTES - 3, 64, 0),
            MESSAGES: until(AT_MINUTES - 14, 0, 5000),
            up("profile", "mongodb"): until(60, 0, 1),
        },
    ),
]
# What is played in every run, and each alert by itself.
CASES = [*OBJECTIVES, *TOGETHER]
