"""The demo's figures, their JSON and what is printed of them."""

import io
import json

from dangol_dev.figures import (
    CampaignFigure,
    Explained,
    Lift,
    Refusal,
    SegmentFigure,
    ShopFigures,
    Summary,
)
from dangol_dev.summary import WIDTH, money, print_summary
from rich.console import Console


def _lift(lower: float, upper: float, planted: float) -> Lift:
    return Lift("win-back", planted, 0.1, lower, upper, 100, 20, 8.0, 1250.5, 0.5)


def _shop() -> ShopFigures:
    shop = ShopFigures("grocer", "Grocer", "USD", 2, customers=3, events=100, seconds=4.0)
    shop.sales = 459_603_958
    shop.segments = [
        SegmentFigure("lost", "Lost", 3, at_risk=True, expected_size=3),
        SegmentFigure("fans", "Fans", 2, at_risk=False, expected_size=2, korean="우리 가게의 팬"),
    ]
    shop.explained = Explained("u_1", "fans", "In since today.", "오늘부터 속해 있습니다.")
    shop.campaigns = [CampaignFigure("win-back", 100, 80, 5, 2), CampaignFigure("c1", 0, 9, 1, 0)]
    shop.refusals = [Refusal("ALREADY_REDEEMED", 2, "used before")]
    shop.lifts = [_lift(-0.1, 0.3, 0.0)]
    shop.gifts = {"claimed": 2}
    shop.check("customers", 3, 3)
    return shop


def _printed(summary: Summary) -> str:
    stream = io.StringIO()
    print_summary(Console(file=stream, width=WIDTH), summary)
    return stream.getvalue()


def test_the_json_holds_every_figure_and_verdict() -> None:
    """Programs read the summary: keys are the dataclasses' fields plus what follows from them."""
    content = json.loads(Summary(7, [_shop()], 12.3456).to_json())
    assert content["seed"] == 7
    assert content["ok"] is True
    assert content["seconds"] == 12.346
    shop = content["shops"][0]
    assert shop["sales"] == 459_603_958
    assert shop["events_per_second"] == 25.0
    assert shop["checks"] == [{"name": "customers", "expected": 3, "actual": 3, "ok": True}]
    assert shop["lifts"][0]["inside"] is True
    assert shop["segments"][0]["expected_size"] == 3


def test_one_failed_check_fails_the_run() -> None:
    """A single figure that differs from the data is enough, and it is named."""
    shop = _shop()
    shop.check("lines", 10, 11)
    summary = Summary(1, [shop], 1.0)
    assert summary.ok is False
    assert "Grocer: lines: 11, but it is 10" in _printed(summary)


def test_a_lift_is_inside_when_the_interval_holds_the_planted_one() -> None:
    """The bounds belong to the interval."""
    assert _lift(0.0, 0.2, 0.2).inside
    assert not _lift(0.0, 0.2, 0.21).inside


def test_the_summary_fits_a_terminal_of_100_columns() -> None:
    """No line is longer, and the main figures are there."""
    printed = _printed(Summary(1, [_shop()], 1.0))
    assert max(len(line) for line in printed.splitlines()) <= WIDTH
    for part in ("4,596,039.58 USD", "ALREADY_REDEEMED", "2 claimed", "0.0 (placebo)", "inside"):
        assert part in printed


def test_segments_are_named_in_both_languages_and_one_member_explained() -> None:
    """Where a segment has no Korean name its id stands in its place."""
    printed = _printed(Summary(1, [_shop()], 1.0))
    lines = [" ".join(line.strip("│ ").split()) for line in printed.splitlines()]
    assert "Lost lost yes 3 3" in lines
    assert "Fans 우리 가게의 팬 2 2" in lines
    assert "u_1 in fans" in lines
    assert {"In since today.", "오늘부터 속해 있습니다."} <= set(lines)


def test_money_has_the_currency_s_digits() -> None:
    """Won have none, dollars two."""
    assert money(ShopFigures("a", "A", "KRW", 0), 12_000) == "12,000 KRW"
    assert money(ShopFigures("b", "B", "USD", 2), 1_205) == "12.05 USD"
