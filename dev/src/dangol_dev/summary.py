"""The end of a run for a terminal of 100 columns."""

from collections.abc import Iterator

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from dangol_dev.figures import Explained, Lift, ShopFigures, Summary

WIDTH = 100
_EVENT_TYPES_SHOWN = 30


def print_summary(console: Console, summary: Summary) -> None:
    """Print every shop's figures, then whether they hold."""
    for shop in summary.shops:
        console.print(Panel(_shop(shop), title=f"[bold]{shop.name}[/]", padding=(1, 2)))
    console.print(_verdict(summary))


def money(shop: ShopFigures, minor_units: float) -> str:
    """An amount in the shop's currency, for example 1,234.50 USD."""
    value = minor_units / 10**shop.currency_digits
    return f"{value:,.{shop.currency_digits}f} {shop.currency}"


def _shop(shop: ShopFigures) -> Group:
    return Group(*_parts(shop))


def _parts(shop: ShopFigures) -> Iterator[RenderableType]:
    yield _headline(shop)
    yield _gifts(shop)
    if len(shop.event_types) > 1:
        yield _heading("Events by type")
        kinds = list(shop.event_types.items())[:_EVENT_TYPES_SHOWN]
        yield Text("  ".join(f"{name} {count:,}" for name, count in kinds), style="dim")
    yield _heading("Segments at the end")
    yield _segments(shop)
    if shop.explained:
        yield _heading("Why is this customer in there?")
        yield _explained(shop.explained)
    yield _heading("Campaigns")
    yield _campaigns(shop)
    yield _heading("Lift: treated against control, 95 % interval, percentage points")
    yield _lifts(shop)
    if shop.refusals:
        yield _heading("Refused, and why")
        yield _refusals(shop)
    yield _heading("Books")
    yield _books(shop)


def _heading(text: str) -> Text:
    return Text(f"\n{text}", style="bold cyan")


def _grid(*widths: int) -> Table:
    grid = Table.grid(padding=(0, 2))
    for width in widths:
        grid.add_column(min_width=width)
    return grid


def _headline(shop: ShopFigures) -> Table:
    grid = _grid(14, 26, 18, 26)
    speed = f"{shop.seconds:,.1f} s, {shop.events_per_second:,.0f} events/s"
    rows = (
        ("customers", f"{shop.customers:,}", "sales", money(shop, shop.sales)),
        ("events", f"{shop.events:,}", "revenue at risk", money(shop, shop.revenue_at_risk)),
        ("purchases", f"{shop.purchases:,}", "customers at risk", f"{shop.customers_at_risk:,}"),
        ("lines bought", f"{shop.lines:,}", "coupons issued", f"{shop.coupons_issued:,}"),
        ("time", speed, "redemptions", f"{shop.redemptions:,}"),
    )
    for first, one, second, two in rows:
        grid.add_row(f"[dim]{first}[/]", f"[bold]{one}[/]", f"[dim]{second}[/]", f"[bold]{two}[/]")
    return grid


def _gifts(shop: ShopFigures) -> Text:
    states = ", ".join(f"{count:,} {state}" for state, count in shop.gifts.items())
    return Text.assemble(
        ("gifts           ", "dim"),
        (f"{sum(shop.gifts.values()):,}: {states}" if states else "none", "bold"),
    )


def _table(*columns: str, right: int = 1) -> Table:
    """A plain table whose columns after the first `right` ones are numbers."""
    table = Table(box=None, header_style="dim", padding=(0, 2, 0, 0))
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number >= right else "left", no_wrap=True)
    return table


def _segments(shop: ShopFigures) -> Table:
    table = _table("segment", "", "at risk", "members", "by data", right=3)
    named = {True: "yes", False: ""}
    for one in sorted(shop.segments, key=lambda one: (not one.at_risk, -one.size)):
        expected = "" if one.expected_size is None else f"{one.expected_size:,}"
        style = "bold red" if one.expected_size not in (None, one.size) else ""
        table.add_row(
            one.name,
            one.korean or one.segment_id,
            named[one.at_risk],
            f"{one.size:,}",
            expected,
            style=style,
        )
    return table


def _explained(one: Explained) -> Text:
    heading = (f"{one.customer_id} in {one.segment_id}\n", "dim")
    return Text.assemble(heading, one.english, "\n", one.korean)


def _campaigns(shop: ShopFigures) -> Table:
    table = _table("campaign", "triggered", "issued", "redeemed", "gifted")
    lists = [one for one in shop.campaigns if one.listed]
    for one in (one for one in shop.campaigns if not one.listed):
        counts = (one.triggered, one.issued, one.redeemed, one.gifted)
        table.add_row(one.campaign_id, *(f"{count:,}" for count in counts))
    if lists:
        table.add_row(
            f"{len(lists)} campaigns with lists",
            f"{sum(one.triggered for one in lists):,}",
            f"{sum(one.issued for one in lists):,}",
            f"{sum(one.redeemed for one in lists):,}",
            f"{sum(one.gifted for one in lists):,}",
        )
    return table


def _lifts(shop: ShopFigures) -> Table:
    table = _table(
        "campaign", "customers", "control", "measured", "interval", "true", "", "win-back cost"
    )
    for lift in shop.lifts:
        truth = "0.0 (placebo)" if lift.planted == 0 else f"{100 * lift.planted:+.1f}"
        verdict = "[green]inside[/]" if lift.inside else "[red]outside[/]"
        table.add_row(
            lift.campaign_id,
            f"{lift.triggered:,}",
            f"{lift.control:,}",
            f"{100 * lift.estimate:+.1f}",
            f"{100 * lift.lower:+.1f} to {100 * lift.upper:+.1f}",
            truth,
            verdict,
            _cost(shop, lift),
        )
    return table


def _cost(shop: ShopFigures, lift: Lift) -> str:
    cost = lift.cost_per_incremental_customer
    # A lift that may be none has won nobody back for sure.
    return "none won back" if cost is None or lift.lower <= 0 else money(shop, cost)


def _refusals(shop: ShopFigures) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(justify="right")
    for refusal in shop.refusals:
        table.add_row(f"{refusal.count:,}", refusal.reason, f"[dim]{refusal.explanation}[/]")
    return table


def _books(shop: ShopFigures) -> Text:
    balanced = shop.trial_balance_difference == 0 and shop.disagreeing_books == 0
    text = Text()
    text.append("trial balance ")
    text.append(
        "0, every book agrees with the coupons"
        if balanced
        else f"{shop.trial_balance_difference:,}, {shop.disagreeing_books} books disagree",
        style="bold green" if balanced else "bold red",
    )
    text.append("\njournal       ")
    text.append(
        f"{shop.accounts_verified:,} accounts, {shop.entries_verified:,} entries verified, "
        f"{shop.journal_faults:,} faults",
        style="bold red" if shop.journal_faults else "bold green",
    )
    return text


def _verdict(summary: Summary) -> Group:
    failures = [(shop.name, check) for shop in summary.shops for check in shop.failures]
    count = sum(len(shop.checks) for shop in summary.shops)
    if not failures:
        line = f"{count} checks against the data hold. {summary.seconds:,.1f} s in all."
        return Group(Text(line, style="bold green"))
    parts: list[RenderableType] = [Rule(style="red")]
    parts.append(
        Text(f"{len(failures)} of {count} checks against the data fail:", style="bold red")
    )
    for name, check in failures:
        parts.append(
            Text(
                f"  {name}: {check.name}: {check.actual:,}, but it is {check.expected:,}",
                style="red",
            )
        )
    return Group(*parts)
