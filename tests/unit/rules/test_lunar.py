"""Days of the Korean lunar calendar."""

from __future__ import annotations

from datetime import date

import holidays
import pytest
from dangol_rules.lunar import LunarDay, from_text, observed, observed_between, solar_date, to_text


def test_seollal_and_chuseok_fall_on_their_published_days_for_fifty_years() -> None:
    """Against the library of holidays, which has them from the institute's calendars."""
    published = holidays.country_holidays("KR", years=range(2000, 2051), language="en_US")
    names = {"Korean New Year": LunarDay(1, 1), "Chuseok": LunarDay(8, 15)}
    expected = [(day, name) for day, name in sorted(published.items()) if name in names]
    assert 100 <= len(expected)
    assert expected == [(observed(day.year, names[name]), name) for day, name in expected]


def test_a_leap_month_is_kept_in_the_ordinary_one_in_years_without_it() -> None:
    """2020 had a second fourth month, 2021 had none."""
    born = LunarDay(4, 8, leap=True)
    assert (date(2020, 5, 30), date(2021, 5, 19)) == (observed(2020, born), observed(2021, born))
    assert date(2020, 4, 30) == observed(2020, LunarDay(4, 8))
    assert None is solar_date(2021, born)


def test_the_thirtieth_is_kept_on_the_last_day_of_a_shorter_month() -> None:
    """The day before Seollal, whichever number it has."""
    for year in range(2015, 2030):
        following = observed(year + 1, LunarDay(1, 1))
        last = observed(year, LunarDay(12, 30))
        assert following is not None
        assert last is not None
        assert 1 == (following - last).days


def test_a_solar_year_may_have_two_such_days_or_none() -> None:
    """The end of the eleventh month wanders over New Year."""
    found = list(observed_between(2017, 2020, LunarDay(11, 25)))
    assert [(2018, 1), (2018, 12), (2019, 12), (2021, 1)] == [(d.year, d.month) for d in found]


def test_beyond_the_tables_there_is_no_day() -> None:
    """Rather than a wrong one."""
    assert None is observed(2051, LunarDay(1, 1))


@pytest.mark.parametrize("lunar", [LunarDay(8, 15), LunarDay(4, 8, leap=True), LunarDay(12, 30)])
def test_a_day_comes_out_of_its_text_as_it_went_in(lunar: LunarDay) -> None:
    """And nothing else is read as one."""
    assert lunar == from_text(to_text(lunar))
    assert [None] * 5 == [from_text(one) for one in ("", "08-15", "L13-01", "L01-31", "L1-1")]
