"""Findings as their pages show them: every id in words, every number with where it comes from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from touchstone.journal.projections import Values
from touchstone.kernel.text import Text
from touchstone.packs.catalogue import catalogue
from touchstone.process.finding import KnownCase, known_cases
from touchstone.standard.queries import clauses, function_titles
from touchstone.web.naming import Naming

WHY: Mapping[str, Text] = {
    "first": Text("首次未达标", "Missed for the first time"),
    "in_a_row": Text("连续未达标", "Missed in a row"),
    "regulatory": Text("突破监管限值", "Over the regulatory limit"),
    "floor": Text("低于底线", "Under the floor"),
    "relapse": Text("整改后再次发生", "Back after its repair"),
    "no_data": Text("没有数据", "No data"),
    "bypass": Text("绕过阻断控制", "A blocking control was bypassed"),
    "reported": Text("检查或报告发现", "Found or reported"),
}
HOW: Mapping[str, Text] = {
    "good_window": Text("下一期达标，自行关闭", "The next period met the target"),
    "data_came": Text("已有数据", "Data came in"),
    "repaired": Text("整改办结", "Repaired"),
    "withdrawn": Text("整改撤回", "The repair was withdrawn"),
}
CAUSE: Mapping[str, Text] = {
    "rule_missing": Text("制度缺失", "No rule"),
    "rule_unclear": Text("制度不清", "Unclear rule"),
    "not_trained": Text("培训不足", "Not trained"),
    "not_followed": Text("未按制度执行", "Not followed"),
    "system": Text("系统缺陷", "System"),
    "staffing": Text("人手不足", "Staffing"),
    "supplier": Text("外包方", "Supplier"),
    "other": Text("其他", "Other"),
}
SOURCE: Mapping[str, Text] = {
    "indicator": Text("指标监测", "Indicator"),
    "self_check": Text("自查", "Self-check"),
    "compliance_check": Text("合规检查", "Compliance check"),
    "internal_audit": Text("内部审计", "Internal audit"),
    "external_audit": Text("外部审计", "External audit"),
    "regulator": Text("监管检查", "Regulator"),
    "breach": Text("超时", "Breach of a limit"),
    "incident": Text("事件", "Incident"),
    "bypass": Text("应急放行", "Released in an emergency"),
    "complaint": Text("投诉", "Complaint"),
}
_UNKNOWN = Text("—", "—")


@dataclass(frozen=True)
class WindowRow:
    """A judged window of a finding.

    Attributes:
        as_of: last day of the period, ISO text; the indicator's page of that day explains the number.
    """

    period: str
    as_of: str
    value: Decimal | None
    numerator: int | None
    denominator: int | None
    status: str
    is_breach: bool


@dataclass(frozen=True)
class FindingRow:
    """A finding, in words.

    Attributes:
        indicator: id of the indicator that showed it, or None.
        measure_unit: unit of the indicator's value (``percent`` …).
        repair, action: the cases of rectification and of corrective action.
    """

    found: Values
    title: Text
    indicator: str | None
    measure_unit: str
    why: Text
    how: Text
    source: Text
    cause: Text
    unit: Text
    owner: Text
    windows: tuple[WindowRow, ...]
    repair: KnownCase | None
    action: KnownCase | None

    @property
    def latest(self) -> WindowRow | None:
        """The window judged last."""
        return self.windows[-1] if self.windows else None

    @property
    def waits_for_a_person(self) -> bool:
        """Whether nobody has said yet who repairs it."""
        found = self.found
        is_open = found["state"] == "open" and found["level"] == "finding"
        return is_open and self.repair is None and found["kind"] != "no_data"


def finding_rows(found: Iterable[Values], naming: Naming) -> tuple[FindingRow, ...]:
    """Rows in the order found."""
    listed = list(found)
    wanted = [row[part] for row in listed for part in ("repair", "action") if row[part]]
    cases = known_cases(wanted)
    owners = function_titles()
    return tuple(_row(row, cases, naming, owners) for row in listed)


def _row(
    row: Values, cases: Mapping[str, KnownCase], naming: Naming, owners: Mapping[str, Text]
) -> FindingRow:
    item = catalogue().get("indicator", row["subject"])
    is_measured = row["source"] == "indicator" and item is not None
    about = clauses(catalogue().version).get(row["clause"])
    title = about.title if about else Text(row["subject"], row["subject"])
    unit = ""
    if is_measured and item is not None:
        words = Text.from_mapping(item.data["title"])
        title = Text(f"{row['subject']} {words.zh}", f"{row['subject']} {words.en}")
        unit = item.data["unit"]
    return FindingRow(
        row,
        title,
        row["subject"] if is_measured else None,
        unit,
        WHY.get(row["why"], _UNKNOWN),
        HOW.get(row["how"] or "", _UNKNOWN),
        SOURCE.get(row["source"], _UNKNOWN),
        CAUSE.get(row["cause"] or "", _UNKNOWN),
        naming.unit(row["unit"]),
        owners.get(row["owner"], Text(row["owner"], row["owner"])),
        tuple(_window(item) for item in row["windows"]),
        cases.get(row["repair"] or ""),
        cases.get(row["action"] or ""),
    )


def _window(data: Mapping[str, Any]) -> WindowRow:
    value = data["value"]
    return WindowRow(
        data["period"],
        data["as_of"],
        None if value is None else Decimal(value),
        data["numerator"],
        data["denominator"],
        data["status"],
        data["is_breach"],
    )
