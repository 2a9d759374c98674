"""The dashboards: one over everything, one for each service, one of customers and campaigns."""

from __future__ import annotations

from typing import Any

from dangol_dev.monitoring.kpis import KPIS
from dangol_dev.monitoring.objectives import FAILED
from dangol_dev.monitoring.panels import SELECTOR, Panel, dashboard, greatest, quantiles, rate

_CALLS = "rpc_server_call_duration_seconds"
_HTTP = "http_server_request_duration_seconds"


def _calls(part: str) -> list[Panel]:
    """Rate, errors and duration of a service's calls."""
    of = f'part="{part}"'
    return [
        Panel(
            "Calls",
            "reqps",
            "Calls answered, by method.",
            [(rate(f"{_CALLS}_count", "rpc_method", of), "{{rpc_method}}")],
        ),
        Panel(
            "Failed calls",
            "reqps",
            "Calls that failed for reasons that are ours, by status.",
            [
                (
                    rate(
                        f"{_CALLS}_count",
                        "rpc_method, rpc_response_status_code",
                        f'{of}, rpc_response_status_code=~"{FAILED}"',
                    ),
                    "{{rpc_method}} {{rpc_response_status_code}}",
                )
            ],
        ),
        Panel(
            "Duration of calls",
            "s",
            "Points are calls whose trace was kept.",
            quantiles(_CALLS, of, "rpc_method"),
        ),
    ]


def _process(part: str) -> list[Panel]:
    """Resources and surroundings of a service's pods."""
    of = f'part="{part}"'
    cpu = f"rate(process_cpu_time_seconds_total{{{SELECTOR}, {of}}}[$__rate_interval])"
    return [
        Panel("CPU", "none", "Processors in use, by pod.", [(f"sum by (pod) ({cpu})", "{{pod}}")]),
        Panel(
            "Memory",
            "bytes",
            "Resident memory, by pod.",
            [greatest("process_memory_usage_bytes", "{{pod}}", "pod", of)],
        ),
        Panel(
            "Open files",
            "short",
            "Files and connections, by pod.",
            [greatest("process_unix_file_descriptor_count", "{{pod}}", "pod", of)],
        ),
        Panel(
            "Lateness of the event loop",
            "s",
            "How late a sleeper is woken; a pod that has too much to do.",
            quantiles("dangol_event_loop_lateness_seconds", of, "pod"),
        ),
        Panel(
            "Round trips",
            "s",
            "A ping of what the service depends on.",
            [greatest("dangol_dependency_round_trip_seconds", "{{dependency}}", "dependency", of)],
        ),
        Panel(
            "Age of pods",
            "s",
            "Since the process began.",
            [greatest("process_uptime_seconds", "{{pod}}", "pod", of)],
        ),
    ]


_OVERVIEW = [
    Panel(
        "Failed calls",
        "percentunit",
        "Share of calls that failed for reasons that are ours, by part.",
        [(f"dangol:calls_failed:ratio_rate5m{{{SELECTOR}}}", "{{part}}")],
    ),
    Panel(
        "Slow calls",
        "percentunit",
        "Share of calls that took more than half a second, by part.",
        [(f"dangol:calls_slow:ratio_rate5m{{{SELECTOR}}}", "{{part}}")],
    ),
    Panel(
        "Dependencies",
        "bool_yes_no",
        "Whether every pod of a part is answered by what it depends on.",
        [
            (
                f"min by (part, dependency) (dangol_dependency_up{{{SELECTOR}}})",
                "{{part}} {{dependency}}",
            )
        ],
    ),
    Panel(
        "Events",
        "cps",
        "Events sent, by what became of them.",
        [(rate("dangol_profile_events_total", "outcome"), "{{outcome}}")],
    ),
    Panel(
        "Ingest lag",
        "s",
        "From the receipt of a write to segmentation having decided on it.",
        quantiles("dangol_profile_ingest_lag_seconds"),
    ),
    Panel(
        "Lateness of deadlines",
        "s",
        "From the instant at which a membership changes by itself to its announcement.",
        quantiles("dangol_segmentation_deadline_lateness_seconds"),
    ),
    Panel(
        "How long the oldest waits",
        "s",
        "Near 0 while everything gets through.",
        [
            greatest("dangol_profile_oldest_intent_seconds", "write undecided"),
            greatest("dangol_segmentation_outbox_age_seconds", "announcement"),
            greatest("dangol_offers_bus_age_seconds", "change on the bus"),
            greatest("dangol_offers_oldest_intent_seconds", "step overdue"),
            greatest("dangol_offers_relay_age_seconds", "journal to profile"),
            greatest("dangol_offers_relay_parked_age_seconds", "account parked"),
            greatest("dangol_offers_outbox_age_seconds", "message"),
        ],
    ),
    Panel(
        "Partitions ready",
        "short",
        "Of 64; fewer while lost state is rebuilt.",
        [(f"min(dangol_segmentation_partitions_ready{{{SELECTOR}}})", "ready")],
    ),
    Panel(
        "Journal",
        "short",
        "Faults that the last verifications found. Anything but 0 is for people to look at.",
        [greatest("dangol_offers_journal_faults", "faults")],
    ),
]
_PROFILE = [
    Panel(
        "Events",
        "cps",
        "Events sent, by what became of them.",
        [(rate("dangol_profile_events_total", "outcome"), "{{outcome}}")],
    ),
    Panel(
        "Ingest lag",
        "s",
        "From the receipt of a write to segmentation having decided on it, at once or later.",
        quantiles("dangol_profile_ingest_lag_seconds"),
    ),
    Panel(
        "Open intents",
        "short",
        "Writes that segmentation has yet to decide on, counted up to 10,000.",
        [greatest("dangol_profile_open_intents", "open")],
    ),
    Panel(
        "Oldest intent",
        "s",
        "The relay takes those older than ten seconds.",
        [greatest("dangol_profile_oldest_intent_seconds", "oldest")],
    ),
]
_SEGMENTATION = [
    Panel(
        "Evaluated events",
        "cps",
        "Events that came as deltas.",
        [(rate("dangol_segmentation_evaluated_events_total", "pod"), "{{pod}}")],
    ),
    Panel(
        "Lateness of deadlines",
        "s",
        "From the instant at which a membership changes by itself to its announcement.",
        quantiles("dangol_segmentation_deadline_lateness_seconds"),
    ),
    Panel(
        "Customers overdue",
        "short",
        "Their deadline has come and no replica has taken it.",
        [greatest("dangol_segmentation_customers_overdue", "overdue")],
    ),
    Panel(
        "Conflicts",
        "cps",
        "Decisions that lost to another one on the same customer, and were made again.",
        [(rate("dangol_segmentation_apply_conflicts_total", "pod"), "{{pod}}")],
    ),
    Panel(
        "Announcements that wait",
        "short",
        "Not yet in MongoDB and on the bus.",
        [greatest("dangol_segmentation_outbox_waiting", "waiting")],
    ),
    Panel(
        "Age of announcements",
        "s",
        "Since a replica last got everything through.",
        [greatest("dangol_segmentation_outbox_age_seconds", "{{pod}}", "pod")],
    ),
    Panel(
        "Partitions ready",
        "short",
        "Of 64, as each replica sees it.",
        [greatest("dangol_segmentation_partitions_ready", "{{pod}}", "pod")],
    ),
    Panel(
        "Rebuild",
        "short",
        "Customers whom a rebuild of lost state has gone through, of how many.",
        [
            greatest("dangol_segmentation_rebuild_customers_done", "done"),
            greatest("dangol_segmentation_rebuild_customers", "all"),
        ],
    ),
    Panel(
        "Backfill",
        "short",
        "Customers whom new and edited segments have gone through, of how many.",
        [
            greatest("dangol_segmentation_backfill_customers_done", "done"),
            greatest("dangol_segmentation_backfill_customers", "all"),
        ],
    ),
]
_OFFERS = [
    Panel(
        "Steps written together",
        "short",
        "Size of the journal's groups, at most 256.",
        quantiles("dangol_offers_commit_group_size"),
    ),
    Panel(
        "Duration of a group",
        "s",
        "Read, decided and written.",
        quantiles("dangol_offers_commit_duration_seconds"),
    ),
    Panel(
        "Steps that wait",
        "short",
        "From 20,000 on a pod refuses more.",
        [greatest("dangol_offers_commit_pending", "{{pod}}", "pod")],
    ),
    Panel(
        "Conflicts",
        "cps",
        "Steps that another replica was faster than.",
        [(rate("dangol_offers_commit_conflicts_total", "pod"), "{{pod}}")],
    ),
    Panel(
        "Oldest overdue step",
        "s",
        "A hold, an escrow, points set aside, or a budget's open line.",
        [greatest("dangol_offers_oldest_intent_seconds", "overdue")],
    ),
    Panel(
        "Age of what is on its way",
        "s",
        "Membership changes from the bus, events to profile, messages to partners.",
        [
            greatest("dangol_offers_bus_age_seconds", "bus"),
            greatest("dangol_offers_relay_age_seconds", "to profile"),
            greatest("dangol_offers_outbox_age_seconds", "messages"),
        ],
    ),
    Panel(
        "What waits",
        "short",
        "Membership changes on the bus, messages in the outbox.",
        [
            greatest("dangol_offers_bus_waiting", "bus"),
            greatest("dangol_offers_outbox_waiting", "messages"),
        ],
    ),
    Panel(
        "Verification",
        "s",
        "Since the journal that waits longest was verified, and how long one took.",
        [
            greatest("dangol_offers_journal_verification_age_seconds", "age"),
            greatest("dangol_offers_journal_verification_duration_seconds", "duration"),
        ],
    ),
    Panel(
        "Faults",
        "short",
        "What the last verifications found. Anything but 0 is for people to look at.",
        [greatest("dangol_offers_journal_faults", "faults")],
    ),
]
_GATEWAY = [
    Panel(
        "Requests",
        "reqps",
        "HTTP requests, by method and status.",
        [
            (
                rate(f"{_HTTP}_count", "http_request_method, http_response_status_code"),
                "{{http_request_method}} {{http_response_status_code}}",
            )
        ],
    ),
    Panel(
        "Operations",
        "ops",
        "GraphQL operations, by the status of their first error.",
        [(rate("dangol_gateway_operations_total", "status"), "{{status}}")],
    ),
    Panel("Duration of requests", "s", "Points are requests with a trace.", quantiles(_HTTP)),
    Panel(
        "WebSockets",
        "short",
        "Connections that are open, by pod.",
        [greatest("dangol_gateway_sockets", "{{pod}}", "pod")],
    ),
]


def dashboards() -> dict[str, dict[str, Any]]:
    """By name of the file, without its ending."""
    services = {
        "profile": [*_calls("profile"), *_PROFILE],
        "segmentation": [*_calls("segmentation"), *_SEGMENTATION],
        "offers": [*_calls("offers"), *_OFFERS],
        "gateway": _GATEWAY,
    }
    found = {
        "overview": dashboard("dangol-overview", "Dangol", _OVERVIEW),
        "customers": dashboard("dangol-customers", "Dangol / Customers and campaigns", KPIS),
    }
    for part, panels in services.items():
        title = f"Dangol / {part.capitalize()}"
        found[part] = dashboard(f"dangol-{part}", title, [*panels, *_process(part)])
    return found
