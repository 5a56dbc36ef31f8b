"""Suitability: which product may be sold to which customer, by the stricter of all ratings. Pure.

Products are rated R1 (lowest risk) to R5, customers C1 (least able to bear it) to C5. Every number is a
dated parameter of the standard; time is handed in.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from touchstone.kernel.feel.temporal import add_months
from touchstone.kernel.parameters import Parameter
from touchstone.kernel.refusal import Refusal, refuse
from touchstone.kernel.time import day_of

Result = Literal["allowed", "allowed_with_warning", "refused"]
LEVELS = range(1, 6)


@dataclass(frozen=True, slots=True)
class Rules:
    """What the standard says of suitability on one day.

    Attributes:
        highest: customer's class -> the riskiest product that fits it.
        valid_days: how many days after its own an assessment counts.
        per_day, per_year: how often a customer may be assessed on one day and within twelve months.
        exception_age: from this age on there is no exception for what does not fit.
        clause: the clause they come from.
    """

    highest: Mapping[int, int]
    valid_days: int
    per_day: int
    per_year: int
    exception_age: int
    clause: str


def rules_on(known: Mapping[str, Parameter], day: dt.date) -> Rules:
    """The rules by the parameters in force on ``day``.

    Raises:
        KeyError, TypeError, ValueError: the standard has no such parameters, or none in force yet.
    """
    validity = known["suitability.validity"].limit_on(day)
    if validity.unit != "d":
        raise ValueError(f"assessments count for calendar days, not {validity}")

    def number(name: str) -> int:
        return int(known[name].value_on(day))

    matrix = known["suitability.matrix"]
    return Rules(
        {int(name[1:]): int(risk[1:]) for name, risk in matrix.value_on(day).items()},
        validity.amount,
        number("suitability.per_day"),
        number("suitability.per_year"),
        number("suitability.exception_age"),
        matrix.clause,
    )


@dataclass(frozen=True, slots=True)
class ProductRating:
    """A product's risk as rated by this institution and by the issuer; None: not rated by him."""

    own: int | None
    issuer: int | None = None

    @property
    def level(self) -> int | None:
        """The higher of both (孰高); None where this institution has not rated it, which it must."""
        if self.own is None:
            return None
        return self.own if self.issuer is None else max(self.own, self.issuer)


@dataclass(frozen=True, slots=True)
class Assessment:
    """One assessment of what risk a customer can bear.

    Attributes:
        level: 1 to 5.
        assessor: who assessed: the institution itself or another seller.
        is_lowest: of class C1, the lowest kind, for whom there is no exception.
    """

    at: dt.datetime
    level: int
    assessor: str = "own"
    is_lowest: bool = False

    def is_valid_on(self, day: dt.date, rules: Rules) -> bool:
        """Whether it was made by ``day`` and still counts."""
        made = day_of(self.at)
        return made <= day <= made + dt.timedelta(days=rules.valid_days)


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who wants to buy, and what he has said and signed.

    Attributes:
        age: in years; None for an organisation.
        insists: he asks for what does not fit him by himself, having been told so.
        has_signed_warning: he signed the written warning of this very product.
        is_approved: a supervisor approved the exception.
    """

    assessments: tuple[Assessment, ...]
    age: int | None = None
    is_professional: bool = False
    insists: bool = False
    has_signed_warning: bool = False
    is_approved: bool = False


@dataclass(frozen=True, slots=True)
class Suitability:
    """Whether a product may be sold to a customer.

    Attributes:
        product, customer: the levels that counted; None where there was none.
        refusal: why not; None where it may be sold.
    """

    result: Result
    product: int | None
    customer: int | None
    refusal: Refusal | None = None


def counting(assessments: Iterable[Assessment], day: dt.date, rules: Rules) -> Assessment | None:
    """The assessment that counts on ``day``: of each assessor the last valid one, of these the lowest.

    Of several on one day by the same assessor the lowest stands: asking again is no way up.
    """
    last: dict[str, list[Assessment]] = {}
    for item in assessments:
        if item.is_valid_on(day, rules):
            last.setdefault(item.assessor, []).append(item)
    standing = [
        item
        for made in last.values()
        for item in made
        if day_of(item.at) == max(day_of(other.at) for other in made)
    ]
    return min(standing, key=lambda item: (item.level, not item.is_lowest, item.at), default=None)


def may_be_assessed(made: Sequence[Assessment], at: dt.datetime, rules: Rules) -> Refusal | None:
    """Why this institution may not assess the customer again now; None where it may."""
    today = day_of(at)
    days = [day_of(item.at) for item in made if item.assessor == "own" and item.at <= at]
    if sum(day == today for day in days) >= rules.per_day:
        return refuse(
            "suitability.too_often",
            f"同一客户一日内风险测评不得超过 {rules.per_day} 次",
            f"A customer is assessed at most {rules.per_day} times on one day",
            clause=rules.clause,
            remedy_zh="请改日再测",
            remedy_en="Assess him on another day",
        )
    if sum(today < _year_after(day) for day in days) >= rules.per_year:
        return refuse(
            "suitability.too_often",
            f"同一客户十二个月内风险测评不得超过 {rules.per_year} 次",
            f"A customer is assessed at most {rules.per_year} times within twelve months",
            clause=rules.clause,
            remedy_zh="请待最早一次测评满十二个月后再测",
            remedy_en="Wait until the first of them is twelve months old",
        )
    return None


def suitability(product: ProductRating, buyer: Buyer, day: dt.date, rules: Rules) -> Suitability:
    """Whether ``product`` may be sold to ``buyer`` on ``day``.

    What does not fit may be sold by exception only: the rules leave the customer the choice, he insists,
    has signed the written warning, and a supervisor has approved it.
    """
    risk = product.level
    if risk is None:
        refusal = _refused(
            rules,
            "suitability.not_rated",
            (
                "产品尚未由本机构评定风险等级，不得销售",
                "This institution has not rated the product",
            ),
            ("请先完成产品风险评级", "Rate the product first"),
        )
        return Suitability("refused", None, None, refusal)
    if buyer.is_professional:
        return Suitability("allowed", risk, None)
    counted = counting(buyer.assessments, day, rules)
    if counted is None:
        refusal = _refused(
            rules,
            "suitability.not_assessed",
            (
                f"客户没有 {rules.valid_days} 日内的有效风险测评",
                f"The customer has no assessment of the last {rules.valid_days} days",
            ),
            ("请客户本人完成风险测评", "Let the customer take the assessment himself"),
        )
        return Suitability("refused", risk, None, refusal)
    level = counted.level
    if risk <= rules.highest[level]:
        return Suitability("allowed", risk, level)
    mismatch = _mismatch(risk, counted, buyer, rules)
    return Suitability("refused" if mismatch else "allowed_with_warning", risk, level, mismatch)


def _mismatch(risk: int, counted: Assessment, buyer: Buyer, rules: Rules) -> Refusal | None:
    """Why a product that does not fit is not sold; None where the exception holds."""
    zh = f"产品风险 R{risk} 高于客户 C{counted.level} 的承受能力"
    en = f"The product's risk R{risk} is more than a customer of class C{counted.level} can bear"
    if counted.is_lowest or (buyer.age is not None and buyer.age >= rules.exception_age):
        others = ("请选择与客户风险等级相符的产品", "Offer a product that fits his class")
        return _refused(
            rules,
            "suitability.no_exception",
            (f"{zh}，且该客户不适用例外", f"{en}, and there is no exception for him"),
            others,
        )
    if not buyer.insists:
        others = (
            "请选择与客户风险等级相符的产品，不得主动推介",
            "Offer what fits; never advise this",
        )
        return _refused(rules, "suitability.too_risky", (zh, en), others)
    if not buyer.has_signed_warning:
        return _refused(
            rules,
            "suitability.warning_unsigned",
            (f"{zh}，客户坚持购买但未签署风险警示", f"{en}; he insists but signed no warning"),
            ("请书面警示风险，由客户签字确认", "Warn him in writing and let him sign it"),
        )
    if not buyer.is_approved:
        return _refused(
            rules,
            "suitability.exception_unapproved",
            (f"{zh}，例外尚未经主管核准", f"{en}; no supervisor has approved the exception"),
            ("请报主管核准", "Ask the supervisor"),
        )
    return None


def _refused(rules: Rules, code: str, text: tuple[str, str], remedy: tuple[str, str]) -> Refusal:
    return refuse(code, *text, clause=rules.clause, remedy_zh=remedy[0], remedy_en=remedy[1])


def _year_after(day: dt.date) -> dt.date:
    """The same day twelve months later, or its month's last."""
    found = add_months(day, 12)
    assert isinstance(found, dt.date)
    return found
