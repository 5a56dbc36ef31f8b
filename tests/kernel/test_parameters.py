"""A parameter has the value that was in force on the day asked for, in its unit."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from touchstone.kernel.limits import Limit
from touchstone.kernel.parameters import Parameter, read_parameter, value_problem
from touchstone.packs.source import load_yaml

PACK = files("touchstone") / "content" / "fsqms-cn" / "parameters"


def parameter(unit: str, *values: tuple[str, Any]) -> Parameter:
    raw = {
        "title": {"zh": "参数", "en": "Parameter"},
        "unit": unit,
        "clause": "ACP-06",
        "values": [{"from": day, "value": value} for day, value in values],
    }
    return read_parameter("topic.name", raw)


def test_the_value_in_force_is_the_last_that_began() -> None:
    found = parameter("limit", ("2026-07-01", "1wd"), ("2020-01-01", "2wd"))

    assert found.limit_on(dt.date(2026, 6, 30)) == Limit(2, "wd")
    assert found.limit_on(dt.date(2026, 7, 1)) == Limit(1, "wd")


def test_before_the_first_day_there_is_no_value() -> None:
    found = parameter("limit", ("2026-01-01", "2wd"))

    assert found.value_on(dt.date(2025, 12, 31)) is None
    with pytest.raises(ValueError, match="no value on 2025-12-31"):
        found.limit_on(dt.date(2025, 12, 31))


def test_money_and_shares_are_decimals() -> None:
    day = dt.date(2026, 1, 1)

    assert parameter("CNY", ("2020-01-01", "50000.00")).value_on(day) == Decimal("50000.00")
    assert parameter("percent", ("2020-01-01", "99.5")).value_on(day) == Decimal("99.5")
    assert parameter("permyriad", ("2020-01-01", 2)).value_on(day) == Decimal(2)
    assert parameter("text", ("2020-01-01", "17:00")).value_on(day) == "17:00"


@given(st.lists(st.dates(), min_size=1, max_size=8, unique=True), st.dates())
def test_the_order_of_writing_does_not_matter(days: list[dt.date], asked: dt.date) -> None:
    values = [(day.isoformat(), number) for number, day in enumerate(days)]

    found = parameter("count", *values).value_on(asked)

    assert found == parameter("count", *reversed(values)).value_on(asked)
    begun = [day for day in days if day <= asked]
    assert found == (days.index(max(begun)) if begun else None)


@pytest.mark.parametrize(
    ("unit", "value"),
    [
        ("limit", "2 days"),
        ("limit", 2),
        ("CNY", 0.5),
        ("CNY", "0.005"),
        ("CNY", -1),
        ("CNY", "NaN"),
        ("CNY", True),
        ("count", "1.5"),
        ("count", "many"),
        ("percent", "Infinity"),
        ("percent", 100_000),
        ("text", 17),
        ("bool", "yes"),
        ("table", "a"),
        ("number", None),
    ],
)
def test_a_value_that_does_not_fit_its_unit_is_told(unit: str, value: Any) -> None:
    wrong = value_problem(unit, value)

    assert wrong is not None
    assert wrong.zh
    assert wrong.en


def test_every_value_of_the_pack_fits_its_unit() -> None:
    found = []
    for topic in PACK.iterdir():
        for file in topic.iterdir():
            raw = load_yaml(file.read_bytes(), file.name)
            found += [
                (topic.name, file.name, value["value"])
                for value in raw["values"]
                if value_problem(raw["unit"], value["value"])
            ]

    assert found == []
