"""Dates, times and durations: reading, parts, arithmetic and order, within the standard library and beyond."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.kernel.feel.values import shown, value_of
from touchstone.kernel.feel import temporal as moments

READ = {
    '@"2026-03-02"': "2026-03-02",
    'date("2026-3-2")': "null",
    'date("2026-02-30")': "null",
    'date("-0044-03-15")': "-0044-03-15",
    'date("999999999-12-31")': "999999999-12-31",
    'date("1000000000-01-01")': "null",
    "date(12345, 2, 29)": "null",
    "date(12344, 2, 29)": "12344-02-29",
    'date(@"2026-03-02T23:00:00-05:00")': "2026-03-02",
    'time("10:20:30.123456789+01:30")': "10:20:30.123456789+01:30",
    'time("10:20:30+00:00:30")': "10:20:30+00:00:30",
    'time("10:20:30@Asia/Shanghai")': "10:20:30@Asia/Shanghai",
    'time("10:20:30@Nowhere/City")': "null",
    'time("10:20:30+19:00")': "null",
    'time("23:59:00z") + @"PT2M" = @"00:01:00@Etc/UTC"': "true",
    'time("24:00:00")': "00:00:00",
    'time("24:00:01")': "null",
    'time("10:20")': "null",
    'time(10, 20, 30.5, @"-PT2H")': "10:20:30.5-02:00",
    'time(@"2026-03-02")': "00:00:00Z",
    'date and time("2026-12-31T24:00:00")': "2027-01-01T00:00:00",
    'date and time("2026-03-02")': "2026-03-02T00:00:00",
    'date and time(@"2026-03-02", @"10:00:00@Europe/Paris")': "2026-03-02T10:00:00@Europe/Paris",
    "date and time(2026, 3, 2, 10, 0, 0)": "2026-03-02T10:00:00",
    'date and time(2026, 3, 2, 10, 0, 0, @"PT8H")': "2026-03-02T10:00:00+08:00",
    'date and time(2026, 3, 2, 10, 0, 0, "Asia/Shanghai")': "2026-03-02T10:00:00@Asia/Shanghai",
    'duration("P1DT25H61M0.5S")': "P2DT2H1M0.5S",
    'duration("-P0Y")': "P0M",
    'duration("P13M")': "P1Y1M",
    'duration("P1Y1D")': "null",
    'duration("PT")': "null",
    'duration("P99999999999D")': "P99999999999D",
    'years and months duration(@"2026-03-31", @"2027-02-28")': "P10M",
    'years and months duration(@"2027-02-28", @"2026-03-31")': "-P10M",
    "now()": "2026-03-02T09:30:00Z",
    "today()": "2026-03-02",
}
PARTS = {
    '@"2026-03-02".weekday': "1",
    '@"-0001-12-25".year': "-1",
    '@"2026-03-02T10:00:00@Europe/Paris".time offset': "PT1H",
    '@"2026-07-02T10:00:00@Europe/Paris".time offset': "PT2H",
    '@"2026-03-02T10:00:00@Europe/Paris".timezone': '"Europe/Paris"',
    '@"2026-03-02T10:00:00+01:00".timezone': "null",
    '@"10:00:00".time offset': "null",
    '@"10:00:07.9".second': "7.9",
    '@"2026-03-02T10:00:07".second': "7",
    '@"-PT1M2.5S".seconds': "-2.5",
    '@"-P1DT2H3M4S".minutes': "-3",
    '@"-P1Y2M".months': "-2",
    '@"P1Y".days': "null",
    '@"2026-03-02".hour': "null",
    'day of week(@"2026-03-02")': '"Monday"',
    'month of year(@"2026-03-02")': '"March"',
    'day of year(@"2024-12-31")': "366",
    'week of year(@"2027-01-01")': "53",
    'week of year(@"2024-12-30")': "1",
    'day of week(@"12345-01-01")': '"Monday"',
}
ARITHMETIC = {
    '@"2026-01-31" + @"P1M"': "2026-02-28",
    '@"2024-02-29" - @"P1Y"': "2023-02-28",
    '@"9999-12-31" + @"P1D"': "10000-01-01",
    '@"0001-01-01" - @"P1D"': "0000-12-31",
    '@"999999999-12-31" + @"P1D"': "null",
    '@"2026-01-31" + @"PT47H"': "2026-02-01",
    '@"PT1H" + @"23:30:00"': "00:30:00",
    '@"2026-03-28T12:00:00@Europe/Paris" + @"P1D"': "2026-03-29T13:00:00@Europe/Paris",
    '@"2026-03-02" - @"2026-02-02"': "P28D",
    '@"2026-03-02T00:00:00Z" - @"2026-03-01"': "P1D",
    '@"2026-03-02T00:00:00" - @"2026-03-01"': "null",
    '@"2026-03-02T10:00:00+02:00" - @"2026-03-02T08:00:00Z"': "PT0S",
    '@"10:00:00+01:00" - @"10:00:00Z"': "-PT1H",
    '@"2026-03-02T10:00:00.000000001" - @"2026-03-02T10:00:00"': "PT0.000000001S",
    '@"P1D" / @"PT6H"': "4",
    '@"P1Y" / @"P5M"': "2.4",
    '@"P1Y" * 1.5': "P1Y6M",
    '2 * @"PT30M"': "PT1H",
    '@"P1D" * @"P1D"': "null",
    '@"P1D" + @"P1M"': "null",
    '@"P1D" / 0': "null",
    '-@"P1D"': "-P1D",
    '@"2026-03-02" + 1': "null",
}
ORDER = {
    '@"2026-03-02T10:00:00Z" = @"2026-03-02T18:00:00@Asia/Shanghai"': "true",
    '@"2026-03-02T10:00:00Z" < @"2026-03-02T18:00:01+08:00"': "true",
    '@"2026-03-02T10:00:00Z" < @"2026-03-02T10:00:01"': "true",
    '@"2026-03-02T10:00:00Z" = @"2026-03-02T10:00:00"': "null",
    '@"10:00:00" > @"09:00:00+05:00"': "true",
    '@"10:00:00Z" = @"11:00:00+01:00"': "true",
    '@"10:00:00@Europe/Paris" < @"11:00:00@Europe/Paris"': "true",
    '@"10:00:00@Europe/Paris" < @"11:00:00Z"': "null",
    '@"10:00:00@Europe/Paris" < @"11:00:00"': "true",
    '@"-0044-03-15" < @"2026-03-02"': "true",
    '@"10000-01-01" > @"9999-12-31"': "true",
    '@"10:00:00.1" = @"10:00:00.2"': "true",
    '@"10:00:00.1" < @"10:00:00.2"': "true",
    '@"P1Y" = @"P365D"': "null",
    '@"P1D" < @"PT25H"': "true",
    '@"2026-03-02" < @"2026-03-02T10:00:00"': "null",
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [case for family in (READ, PARTS, ARITHMETIC, ORDER) for case in family.items()],
)
def test_time_is_as_in_the_specification(text: str, expected: str) -> None:
    assert shown(text) == expected


def test_what_the_standard_library_can_hold_is_the_standard_library_s() -> None:
    assert value_of('@"2026-03-02"') == dt.date(2026, 3, 2)
    assert value_of('@"2026-03-02T10:00:00.5Z"') == dt.datetime(
        2026, 3, 2, 10, 0, 0, 500_000, tzinfo=dt.UTC
    )
    assert value_of('@"P1DT1S"') == dt.timedelta(days=1, seconds=1)
    assert value_of('@"10:00:00"') == dt.time(10)


@given(st.integers(min_value=-(10**11), max_value=10**11))
def test_a_day_survives_its_number(number: int) -> None:
    day = moments.date_of_days(number)

    assert day is not None
    assert moments.days_of(day) == number


@given(st.dates(), st.integers(min_value=-5000, max_value=5000))
def test_adding_days_is_that_of_the_standard_library(day: dt.date, days: int) -> None:
    try:
        expected = day + dt.timedelta(days=days)
    except OverflowError:
        return
    assert value_of(f'@"{day}" + n * @"P1D"', n=value_of(str(days))) == expected
