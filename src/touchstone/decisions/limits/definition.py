"""What a limit is: whose, over what time, how high by the standard's dated parameters. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from touchstone.kernel.parameters import Parameter, read_parameter
from touchstone.kernel.problem import Problem
from touchstone.kernel.refusal import Refusal, refuse
from touchstone.kernel.text import Text
from touchstone.packs.kinds import Parsed
from touchstone.packs.source import SourceFile

Scope = Literal["customer", "product", "person", "act"]
Per = Literal["day", "month", "year"]

# A limit without a period stands until what takes it up is released.
STANDING = ""
_PERIOD = {"day": "%Y-%m-%d", "month": "%Y-%m", "year": "%Y"}
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class LimitDefinition:
    """A limit of the standard.

    Attributes:
        scope: whose it is; ``act`` bounds each single act and adds nothing up.
        per: the span of the institution's calendar over which acts add up; None: until released.
        parameter: the amount, or what ``share`` is a percentage of.
        share: parameter with the percentage; None: the whole amount.
    """

    id: str
    title: Text
    clause: str
    scope: Scope
    per: Per | None
    currency: str
    parameter: str
    share: str | None

    def ceiling_on(self, known: Mapping[str, Parameter], day: dt.date) -> Decimal:
        """The highest amount on ``day``, rounded down to a cent; 0 where none is in force yet."""
        amount = Decimal(known[self.parameter].value_on(day) or 0)
        if self.share:
            amount = amount * Decimal(known[self.share].value_on(day) or 0) / 100
        return amount // _CENT * _CENT if amount % _CENT else amount

    def period_on(self, day: dt.date) -> str:
        """The span that ``day`` belongs to, as exposures name it."""
        return day.strftime(_PERIOD[self.per]) if self.per else STANDING


def read_limit(identity: str, raw: Mapping[str, Any]) -> LimitDefinition:
    """The limit of a ``limits/<id>.yaml`` that its schema has accepted."""
    return LimitDefinition(
        identity,
        Text.from_mapping(raw["title"]),
        raw["clause"],
        raw["scope"],
        raw.get("per"),
        raw["currency"],
        raw["amount"]["parameter"],
        raw["amount"].get("share"),
    )


def check_limit(file: SourceFile, data: Any, pack: Parsed) -> Iterable[Problem]:
    """Its clause and parameters exist; the amount is money of its currency, the share a percentage."""

    def problem(code: str, en: str, zh: str) -> Problem:
        return Problem(file.path, 0, code, en, zh, file.id)

    if data["clause"] not in pack.clauses:
        yield problem("limits.no_clause", f"no clause {data['clause']}", "引用的条款不存在")
    if data["scope"] == "act" and "per" in data:
        yield problem("limits.act_without_span", "a single act has no span", "单笔限额不按时段累计")
    units = {"parameter": data["currency"], "share": "percent"}
    for part, name in data["amount"].items():
        raw = pack.of("parameter").get(name)
        if raw is None:
            yield problem("limits.no_parameter", f"no parameter {name}", "引用的参数不存在")
        elif read_parameter(name, raw).unit != units[part]:
            text = f"{name} is not in {units[part]}"
            yield problem("limits.other_unit", text, f"{name} 的单位不是 {units[part]}")


@dataclass(frozen=True, slots=True)
class Exposure:
    """What one subject has taken up of a limit in one span of time.

    Attributes:
        period: ``2026-03-02``, ``2026-03``, ``2026`` or empty.
        ceiling: the highest amount now.
        reserved: kept free for what was promised and not yet done.
        used: what was done and counts.
    """

    limit: LimitDefinition
    subject: str
    period: str
    ceiling: Decimal
    reserved: Decimal
    used: Decimal

    @property
    def free(self) -> Decimal:
        """What is left; never below 0, also where the limit was lowered since."""
        return max(self.ceiling - self.reserved - self.used, Decimal(0))

    def refusal(self, amount: Decimal) -> Refusal:
        """The answer to an act that would take up ``amount`` more than is left."""
        title, currency = self.limit.title, self.limit.currency
        ceiling, used, reserved, free, wanted = (
            f"{item:,.2f}" for item in (self.ceiling, self.used, self.reserved, self.free, amount)
        )
        if self.limit.scope == "act":
            zh = f"超过「{title.zh}」：上限 {ceiling} {currency}，本次 {wanted} {currency}"
            en = (
                f"Above “{title.en}”: at most {currency} {ceiling}, this one is {currency} {wanted}"
            )
        else:
            zh = (
                f"超过「{title.zh}」：限额 {ceiling} {currency}，已用 {used}，预留 {reserved},"
                f"尚余 {free}，本次需 {wanted}"
            )
            en = (
                f"Above “{title.en}”: of {currency} {ceiling}, {used} is used and {reserved} reserved;"
                f" {free} is left and this act needs {wanted}"
            )
        return refuse(
            "limits.over_limit",
            zh,
            en,
            clause=self.limit.clause,
            remedy_zh="请减少金额，或待已占用的部分释放后再办；临时提高限额须先经审批",
            remedy_en="Lower the amount, or wait until what is taken up is released; a temporary"
            " raise needs approval first",
        )
