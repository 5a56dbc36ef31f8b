"""The simulated bank's register of risks: entered when it is founded, reviewed every quarter."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

# Name, domain, type of event, inherent likelihood and impact, residual likelihood and impact, control.
_RISKS: tuple[tuple[str, str, str, int, int, int, int, str], ...] = (
    ("虚假资料骗取贷款", "credit", "external_fraud", 4, 4, 2, 3, "P03-KCP-2"),
    ("审批人越权放款", "credit", "internal_fraud", 2, 5, 1, 4, "P03-KCP-4B"),
    ("贷后检查流于形式", "credit", "execution_and_process", 4, 3, 3, 2, "P03-KCP-7C"),
    (
        "向不适当客户销售产品",
        "investment",
        "clients_products_and_practices",
        3,
        4,
        2,
        3,
        "P09-KCP-1",
    ),
    ("单一发行人集中度超限", "investment", "execution_and_process", 3, 4, 2, 2, "P08-KCP-9"),
    ("电信诈骗转账", "transactions", "external_fraud", 5, 4, 3, 3, "P04-KCP-1"),
    ("大额转账要素录错", "transactions", "execution_and_process", 3, 3, 2, 2, "P04-KCP-1"),
    ("清算差异未及时查清", "transactions", "execution_and_process", 3, 3, 2, 2, "P25-KCP-3"),
    ("投诉超期未答复", "service", "clients_products_and_practices", 4, 2, 3, 2, "P06-KCP-1"),
    ("客户信息误改", "service", "execution_and_process", 3, 3, 2, 2, "P05-KCP-1"),
    ("核心系统中断", "systems", "systems", 3, 5, 2, 4, "P11-KCP-2"),
    ("个人信息泄露", "systems", "external_fraud", 3, 5, 2, 4, "P11-KCP-3"),
    ("备份无法恢复", "systems", "systems", 2, 5, 1, 4, "P23-KCP-3"),
    ("关键岗位无人接替", "service", "employment_and_workplace", 3, 3, 2, 2, "P16-KCP-20"),
)
_REVIEWED_EVERY = 91


class RiskKeeping:
    """Enters the risks on the first day, and reviews each of them every quarter."""

    def __init__(self, random: Random, since: dt.date) -> None:
        self._random = random
        self._since = since
        self._rounds = 0
        self._known: dict[str, tuple[str, dict[str, Any]]] = {}

    def due(self, day: dt.date) -> bool:
        """Whether the register is gone through on ``day``."""
        gone = (day - self._since).days
        return not self._known or gone // _REVIEWED_EVERY > self._rounds

    def review(
        self,
        day: dt.date,
        enter: Callable[[dict[str, Any]], str],
        correct: Callable[[str, dict[str, Any], str], None],
    ) -> list[tuple[str, dict[str, Any]]]:
        """Enter or review every risk; the entries that wait for another person."""
        self._rounds = (day - self._since).days // _REVIEWED_EVERY
        waiting = []
        for name, domain, kind, *scores, control in _RISKS:
            entry, before = self._known.get(name, ("", {}))
            values = before or _values(name, domain, kind, scores, control)
            values = {**values, **_days(day)}
            if entry:
                values["residual_likelihood"] = self._moved(values)
                correct(entry, values, "季度重评")
            else:
                entry = enter(values)
            self._known[name] = (entry, values)
            waiting.append((entry, values))
        return waiting

    def _moved(self, values: Mapping[str, Any]) -> int:
        step = self._random.choice([-1, 0, 0, 0, 1])
        moved = int(values["residual_likelihood"]) + step
        return max(1, min(int(values["inherent_likelihood"]), moved))


def _values(name: str, domain: str, kind: str, scores: list[Any], control: str) -> dict[str, Any]:
    likelihood, impact, left, remains = scores
    return {
        "unit": "head",
        "name": name,
        "domain": domain,
        "event_type": kind,
        "inherent_likelihood": likelihood,
        "inherent_impact": impact,
        "residual_likelihood": left,
        "residual_impact": remains,
        "control_named": control,
        "response": "reduce",
    }


def _days(day: dt.date) -> dict[str, str]:
    following = day + dt.timedelta(days=_REVIEWED_EVERY)
    return {"reviewed_on": day.isoformat(), "next_review_on": following.isoformat()}
