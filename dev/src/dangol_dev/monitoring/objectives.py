"""Rules that record how much of each part's calls fail or are slow, and alert on the burn rate.

Multiwindow, multi-burn-rate alerts as in Google's "The Site Reliability Workbook", chapter 5
(https://sre.google/workbook/alerting-on-slos/): a page for 2 % of the month's budget within an
hour or 5 % within six, a ticket for 10 % within three days.
"""

from __future__ import annotations

from typing import Any

SELECTOR = "@SELECTOR@"
# Statuses that are our fault; the others tell the caller what is wrong with the call.
FAILED = "UNKNOWN|DEADLINE_EXCEEDED|INTERNAL|UNAVAILABLE|DATA_LOSS"
# A stream lasts as long as somebody listens, and steps of a virtual clock as long as they need.
UNTIMED = (
    "dangol.offers.v1.ClockService/AdvanceClock",
    "dangol.offers.v1.SandboxService/AdvanceSandbox",
    "dangol.offers.v1.SandboxService/EndSandbox",
    "dangol.offers.v1.SandboxService/ResetSandbox",
    "dangol.offers.v1.CodeService/ExportCodes",
    "dangol.offers.v1.CodeService/IssueCodes",
    "dangol.offers.v1.DeliveryService/Watch",
    "dangol.offers.v1.LedgerService/ExportCheckpoint",
    "dangol.offers.v1.LedgerService/ExportEntries",
    "dangol.offers.v1.LedgerService/VerifyJournal",
    "dangol.offers.v1.PrivacyService/ExportCustomer",
    "dangol.offers.v1.WalletService/WatchWallet",
    "dangol.profile.v1.EventService/StreamEvents",
    "dangol.profile.v1.EventService/StreamHistory",
    "dangol.profile.v1.PrivacyService/ExportCustomer",
    "dangol.segmentation.v1.ClockService/AdvanceClock",
    "dangol.segmentation.v1.EvaluationService/ReplayCustomers",
    "dangol.segmentation.v1.SegmentService/WatchMemberships",
)
SLOW_SECONDS = "0.5"
WINDOWS = ("5m", "30m", "1h", "6h", "3d")
# (long window, short window, how many times as fast as would use up the budget in 30 days)
FAST = (("1h", "5m", "14.4"), ("6h", "30m", "6"))
SLOW = (("3d", "6h", "1"),)
_CALLS = "rpc_server_call_duration_seconds"
_HTTP = "http_server_request_duration_seconds"
_OPERATIONS = "dangol_gateway_operations_total"


def recordings() -> list[dict[str, Any]]:
    """Shares of calls by part, 0 where there were none."""
    rules = []
    for window in WINDOWS:
        failed = f"{_failed_calls(window)} or {_failed_requests(window)}"
        slow = f"({_slow(_CALLS, _timed(), window)}) or ({_slow(_HTTP, '', window)})"
        rules += [
            {"record": f"dangol:calls_failed:ratio_rate{window}", "expr": failed},
            {"record": f"dangol:calls_slow:ratio_rate{window}", "expr": slow},
        ]
    return rules


def burns(name: str, percent: str, windows: tuple[tuple[str, str, str], ...]) -> str:
    """The condition under which the budget of an objective burns too fast.

    name: calls_failed or calls_slow; percent: what stands for the objective, in percent.
    """
    conditions = []
    for long, short, factor in windows:
        limit = f"{factor} * (1 - {percent} / 100)"
        above = [f"dangol:{name}:ratio_rate{one}{{{SELECTOR}}} > {limit}" for one in (long, short)]
        conditions.append(f"({above[0]} and {above[1]})")
    return " or ".join(conditions)


def _rate(metric: str, more: str, window: str) -> str:
    selector = f"{SELECTOR}, {more}" if more else SELECTOR
    return f"sum by (dangol, part) (rate({metric}{{{selector}}}[{window}]))"


def _failed_calls(window: str) -> str:
    failed = _rate(f"{_CALLS}_count", f'rpc_response_status_code=~"{FAILED}"', window)
    total = _rate(f"{_CALLS}_count", "", window)
    return f"({failed} or 0 * {total}) / ({total} > 0)"


def _failed_requests(window: str) -> str:
    """Of the gateway: what ends with HTTP's 5xx, and operations whose answer says so itself."""
    total = _rate(f"{_HTTP}_count", "", window)
    broken = _rate(f"{_HTTP}_count", 'http_response_status_code=~"5.."', window)
    failed = _rate(_OPERATIONS, f'status=~"{FAILED}"', window)
    return f"(({broken} or 0 * {total}) + ({failed} or 0 * {total})) / ({total} > 0)"


def _timed() -> str:
    return f'rpc_method!~"{"|".join(UNTIMED)}"'.replace(".", "\\\\.")


def _slow(metric: str, more: str, window: str) -> str:
    within = f'le="{SLOW_SECONDS}", {more}' if more else f'le="{SLOW_SECONDS}"'
    total = _rate(f"{metric}_count", more, window)
    return f"1 - {_rate(f'{metric}_bucket', within, window)} / ({total} > 0)"
