"""Values between the contract and frontends."""

import datetime as dt
from decimal import Decimal

import pytest
from dangol.offers.v1.coupon_service_pb2 import Coupon
from gateway_service import convert
from gateway_service.types_common import INT64_SCALAR
from gateway_service.types_offers import CouponState


@pytest.mark.parametrize(
    ("minor_units", "currency", "expected"),
    [(1234, "USD", "12.34"), (1234, "KRW", "1234"), (1234, "KWD", "1.234"), (-5, "USD", "-0.05")],
)
def test_amounts_in_main_units(minor_units: int, currency: str, expected: str) -> None:
    """Each currency has its number of decimals."""
    assert Decimal(expected) == convert.major_units(minor_units, currency)


def test_times_without_offset_are_utc() -> None:
    """And others are brought there."""
    seoul = dt.timezone(dt.timedelta(hours=9))
    naive = convert.to_timestamp(dt.datetime(2026, 1, 1, 12))
    aware = convert.to_timestamp(dt.datetime(2026, 1, 1, 21, tzinfo=seoul))
    assert naive == aware


def test_absent_times_are_null() -> None:
    """A field that is not set is no instant in 1970."""
    assert convert.to_datetime(Coupon(), "valid_until") is None


def test_unknown_enum_values_are_null() -> None:
    """A newer service's value does not break an older gateway."""
    assert [convert.to_enum(CouponState, number) for number in (0, 2, 99)] == [
        None,
        CouponState.HELD,
        None,
    ]


def test_whole_numbers_fit_64_bits() -> None:
    """Numbers and texts of them; nothing else, nothing larger."""
    parse = INT64_SCALAR.parse_value
    assert parse is not None
    assert [parse(2**63 - 1), parse("-5")] == [2**63 - 1, -5]
    for value in (2**63, True, 1.5, "x", None):
        with pytest.raises((ValueError, TypeError)):
            parse(value)


def test_names_fall_back() -> None:
    """The language asked for, any other, the id."""
    names = {"ko": "단골"}
    assert [
        convert.display_name(names, "ko", "id"),
        convert.display_name(names, "en", "id"),
        convert.display_name({}, "en", "id"),
    ] == ["단골", "단골", "id"]
