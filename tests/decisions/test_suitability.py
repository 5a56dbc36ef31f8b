"""Suitability: the stricter rating counts, assessments expire and are counted, exceptions are signed."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from touchstone.decisions.content import TableDecision
from touchstone.decisions.suitability import (
    LEVELS,
    Assessment,
    Buyer,
    ProductRating,
    counting,
    may_be_assessed,
    rules_on,
    suitability,
)
from touchstone.kernel.parameters import read_parameter
from touchstone.kernel.time import at_local
from touchstone.packs.schema_kind import plain_data
from touchstone.packs.source import read, shipped_pack

DAY = dt.date(2026, 3, 2)


FILES = read(shipped_pack()).files
KNOWN = {
    file.id: read_parameter(file.id, plain_data(yaml.safe_load(file.content)))
    for path, file in FILES.items()
    if path.startswith("parameters/suitability/") and file.id
}
RULES = rules_on(KNOWN, DAY)


def test_the_table_of_the_standard_fits_products_as_its_matrix_says() -> None:
    path = "decisions/suitability.dmn"
    table = TableDecision("suitability", FILES[path].content, path, KNOWN)
    for level in LEVELS:
        for risk in LEVELS:
            given = {"customer_class": f"C{level}", "product_rating": f"R{risk}"}
            asked = {**given, "channel": "counter", "age": None}
            decided = table.decide(asked, at_local(DAY, dt.time(10))).values
            assert decided["matched"] == (risk <= RULES.highest[level])
            assert decided["exception_possible"] == (level > 1)


def assessed(level: int, day: dt.date = DAY, *, hour: int = 10, **more: object) -> Assessment:
    return Assessment(at_local(day, dt.time(hour)), level, **more)  # type: ignore[arg-type]


def buyer(level: int, **more: object) -> Buyer:
    return Buyer((assessed(level),), **more)  # type: ignore[arg-type]


def outcome(product: ProductRating, who: Buyer, day: dt.date = DAY) -> tuple[str, str | None]:
    found = suitability(product, who, day, RULES)
    return found.result, found.refusal.code if found.refusal else None


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("risk", LEVELS)
def test_a_class_may_buy_up_to_its_own_risk(risk: int, level: int) -> None:
    expected = ("allowed", None) if risk <= level else ("refused", "suitability.too_risky")

    assert outcome(ProductRating(risk), buyer(level)) == expected


def test_of_two_ratings_of_a_product_the_higher_counts() -> None:
    assert outcome(ProductRating(2, issuer=4), buyer(3))[0] == "refused"
    assert outcome(ProductRating(4, issuer=2), buyer(3))[0] == "refused"
    assert suitability(ProductRating(2, issuer=3), buyer(3), DAY, RULES).product == 3


def test_a_product_that_only_its_issuer_rated_is_not_sold() -> None:
    assert outcome(ProductRating(None, issuer=1), buyer(5)) == (
        "refused",
        "suitability.not_rated",
    )


def test_of_two_assessments_that_differ_the_lower_counts() -> None:
    who = Buyer((assessed(4), assessed(2, assessor="fund_company")))

    found = suitability(ProductRating(3), who, DAY, RULES)

    assert (found.result, found.customer) == ("refused", 2)


def test_a_later_assessment_by_the_same_assessor_takes_the_place_of_the_earlier() -> None:
    earlier = assessed(2, DAY - dt.timedelta(days=100))

    found = counting((assessed(4), earlier), DAY, RULES)

    assert found is not None
    assert found.level == 4


def test_asking_twice_on_one_day_is_no_way_up() -> None:
    found = counting((assessed(2, hour=9), assessed(4, hour=10)), DAY, RULES)

    assert found is not None
    assert found.level == 2


@pytest.mark.parametrize(
    ("made", "day", "counts"),
    [
        (dt.date(2025, 3, 2), DAY, True),
        (dt.date(2025, 3, 1), DAY, False),
        (dt.date(2024, 2, 29), dt.date(2025, 2, 28), True),
        (dt.date(2024, 2, 29), dt.date(2025, 3, 1), False),
        (DAY, DAY, True),
        (dt.date(2026, 3, 3), DAY, False),
    ],
)
def test_an_assessment_counts_for_its_days(made: dt.date, day: dt.date, counts: bool) -> None:
    who = Buyer((assessed(5, made),))
    expected = ("allowed", None) if counts else ("refused", "suitability.not_assessed")

    assert outcome(ProductRating(1), who, day) == expected


def test_a_professional_investor_needs_no_assessment() -> None:
    assert outcome(ProductRating(5), Buyer((), is_professional=True)) == ("allowed", None)


def test_what_does_not_fit_is_sold_only_to_who_insists_and_signed_with_approval() -> None:
    risky = ProductRating(4)
    insisting = buyer(3, age=64, insists=True)

    assert outcome(risky, replace(insisting, insists=False, has_signed_warning=True)) == (
        "refused",
        "suitability.too_risky",
    )
    assert outcome(risky, insisting) == ("refused", "suitability.warning_unsigned")
    signed = replace(insisting, has_signed_warning=True)
    assert outcome(risky, signed) == ("refused", "suitability.exception_unapproved")
    assert outcome(risky, replace(signed, is_approved=True)) == ("allowed_with_warning", None)


@pytest.mark.parametrize(
    "who",
    [
        Buyer((assessed(1, is_lowest=True),), age=30),
        Buyer((assessed(3),), age=65),
    ],
    ids=["lowest", "65"],
)
def test_the_lowest_kind_and_the_old_have_no_exception(who: Buyer) -> None:
    signed = replace(who, insists=True, has_signed_warning=True, is_approved=True)

    assert outcome(ProductRating(4), signed) == ("refused", "suitability.no_exception")


def test_assessments_are_counted_by_the_day_and_over_twelve_months() -> None:
    now = at_local(DAY, dt.time(15))
    today = [assessed(3, hour=9), assessed(3, hour=10)]
    over_a_year = [assessed(3, DAY - dt.timedelta(days=40 * n)) for n in range(1, 9)]
    old = [assessed(3, dt.date(2025, 3, 2)), assessed(3, dt.date(2025, 3, 1))]
    elsewhere = [replace(item, assessor="fund_company") for item in today]

    assert may_be_assessed(today[:1], now, RULES) is None
    assert may_be_assessed(elsewhere, now, RULES) is None
    refusal = may_be_assessed(today, now, RULES)
    assert refusal is not None
    assert "2 times on one day" in refusal.text.en
    refusal = may_be_assessed(over_a_year, now, RULES)
    assert refusal is not None
    assert "8 times within twelve months" in refusal.text.en
    assert may_be_assessed([*over_a_year[:7], *old], now, RULES) is None
    assert refusal.clause == "PRD-10"


_LEVEL = st.integers(1, 5)
_BUYERS = st.builds(
    Buyer,
    st.lists(
        st.builds(
            assessed,
            _LEVEL,
            st.dates(dt.date(2024, 1, 1), DAY),
            assessor=st.sampled_from(["own", "fund_company"]),
            is_lowest=st.just(False),
        ),
        max_size=4,
    ).map(tuple),
    age=st.one_of(st.none(), st.integers(18, 90)),
    is_professional=st.booleans(),
    insists=st.booleans(),
    has_signed_warning=st.booleans(),
    is_approved=st.booleans(),
)


@given(_BUYERS, _LEVEL, _LEVEL)
def test_less_risk_is_never_refused_where_more_was_allowed(
    who: Buyer, risk: int, issuer: int
) -> None:
    order = {"allowed": 0, "allowed_with_warning": 1, "refused": 2}
    found = [
        order[suitability(ProductRating(own, issuer), who, DAY, RULES).result]
        for own in range(1, risk + 1)
    ]

    assert found == sorted(found)
