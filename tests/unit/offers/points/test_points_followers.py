"""Which entries of coupons the payer of points looks up."""

from typing import Any

import pytest
from offers_service.service_points_followers import PointsPayer


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"kind": "hold", "points": 50}, False),
        ({"kind": "redeem"}, False),
        ({"kind": "redeem", "discount": 3_000}, False),
        ({"kind": "redeem", "points": 50}, True),
        ({"kind": "reduce"}, True),
        ({"kind": "reverse"}, True),
        ({"kind": "keep"}, True),
    ],
)
def test_only_coupons_that_pay_points_or_came_back_are_looked_up(
    entry: dict[str, Any], expected: bool
) -> None:
    """What came back may have paid points before; of another account nothing concerns it."""
    unused: Any = None
    payer = PointsPayer(unused, unused, unused)
    assert expected is payer.concerns("c_1", [{"kind": "issue"}, entry])
    assert payer.concerns("g_1", [entry]) is False
