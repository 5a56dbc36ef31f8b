"""The bridge from what happens in a case to the limits it takes up: reserved, used, given back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from touchstone.clocks.queries import calendar
from touchstone.decisions.limits.actions import (
    Claim,
    claim_on,
    release,
    release_reserved,
    reserve,
    use,
)
from touchstone.decisions.limits.queries import limits
from touchstone.journal.projections import Values
from touchstone.journal.unit_of_work import UnitOfWork
from touchstone.kernel.limits import deadline
from touchstone.kernel.refusal import refuse
from touchstone.kernel.time import day_of, to_microseconds
from touchstone.process.deployment import Deployment
from touchstone.process.procedure import LimitUse


def keep_limits(
    unit: UnitOfWork,
    deployed: Deployment,
    row: Values,
    changed: Mapping[str, Any],
    happened: Iterable[tuple[str, str | None]],
    actor: str,
) -> None:
    """Take up and give back what the procedure says of the steps completed, within their act.

    What a case has reserved and not used is released when it ends, however it ends.

    Raises:
        Refusal: ``limits.over_limit``, ``limits.no_amount``, ``limits.no_subject``.
    """
    keeping = _Keeping(unit, deployed, row, {**row["engine"]["vars"], **changed}, actor)
    for kind, element in happened:
        if kind == "completed":
            for item in deployed.procedure.limits:
                keeping.completed(item, element or "")
        elif kind == "case_ended":
            release_reserved(unit, row["id"], "case_ended", also=keeping.claims)


class _Keeping:
    """One act of a case before its limits.

    Attributes:
        claims: what this act took up, which no table knows yet.
    """

    def __init__(
        self,
        unit: UnitOfWork,
        deployed: Deployment,
        row: Values,
        variables: Mapping[str, Any],
        actor: str,
    ) -> None:
        self._unit, self._deployed, self._row = unit, deployed, row
        self._variables, self._actor = variables, actor
        self.claims: list[Claim] = []

    def completed(self, item: LimitUse, element: str) -> None:
        """What the completion of ``element`` means for one limit."""
        if element in item.release:
            release(self._unit, self._claim(item), element)
        takes, uses = element in item.reserve, element in item.use
        if not (takes or uses) or (item.when and self._value(item.when) is not True):
            return
        claim = self._claim(item)
        self.claims.append(claim)
        amount = self._value(item.amount)
        amount = amount if isinstance(amount, Decimal) else Decimal(0)
        if takes:
            reserve(self._unit, claim, amount, lapses_at=self._lapses_at(item))
        if uses:
            use(self._unit, claim, amount)

    def _value(self, text: str) -> Any:
        expression = self._deployed.limit_expressions[text]
        return expression.evaluate(self._variables, now=self._unit.happened_at).value

    def _claim(self, item: LimitUse) -> Claim:
        content = self._deployed.content
        limit = limits(content)[item.limit]
        if item.subject:
            subject = self._value(item.subject)
        elif limit.scope == "customer":
            subject = self._row["customer"]
        else:
            subject = self._actor
        if not isinstance(subject, str) or not subject:
            raise refuse(
                "limits.no_subject",
                f"「{limit.title.zh}」须知道由谁占用，本笔业务没有写明",
                f"“{limit.title.en}” has to know whose limit it is; the case does not say",
                clause=limit.clause,
                remedy_zh="请补充客户或产品后再提交",
                remedy_en="Add the customer or product and submit again",
            )
        day = day_of(self._unit.happened_at)
        return claim_on(
            item.limit, content=content, subject=subject, holder=self._row["id"], day=day
        )

    def _lapses_at(self, item: LimitUse) -> int | None:
        if item.lapses is None:
            return None
        day = day_of(self._unit.now)
        span = self._deployed.parameters[item.lapses].limit_on(day)
        used = calendar(on=day, version=self._deployed.content)
        return to_microseconds(deadline(used, self._unit.now, span).due_at)
