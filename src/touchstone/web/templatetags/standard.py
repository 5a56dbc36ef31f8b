"""Tags of the standard, the board and the procedures: states of clauses, values of parameters, bars."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from touchstone.clocks.definition import ClockDefinition
from touchstone.identity.directory import Unit
from touchstone.kernel.limits import Limit
from touchstone.kernel.parameters import CURRENCIES
from touchstone.kernel.text import Text
from touchstone.measures.clause_metrics import ClauseMetric
from touchstone.measures.queries.values import Value, function_title
from touchstone.measures.reasons import MISSING
from touchstone.packs.catalogue import catalogue
from touchstone.process.deployment import Deployment
from touchstone.ui import components, formats
from touchstone.ui.templatetags.components import bar, icon
from touchstone.ui.templatetags.say import say_text

register = template.Library()
_SIGNS = {"percent": "%", "permyriad": "‱"}
_YES, _NO = Text("是", "yes"), Text("否", "no")
_AND = Text("、", ", ")
_KINDS = {
    "N": Text("规范", "Normative"),
    "T": Text("目标", "Target"),
    "M": Text("里程碑", "Milestone"),
    "C": Text("参考案例", "Reference case"),
    "G": Text("仅标题", "By title"),
    "D": Text("推导", "Derived"),
}
_STATUS = {
    "verified": Text("已核对原文", "checked against the text"),
    "secondary": Text("据二手资料", "from secondary sources"),
    "memory": Text("尚未核对原文", "not checked against the text yet"),
}
_PARTS = {
    "step": Text("步骤", "Step"),
    "clock": Text("时限", "Clock"),
    "control": Text("控制点", "Control"),
    "limit": Text("限额", "Limit"),
    "diagram": Text("流程图", "Diagram"),
    "form": Text("表单", "Form"),
}
_TOUCHED = {
    "line": Text("判定线", "a line of it"),
    "filter": Text("筛选条件", "its filter"),
    "clock": Text("所计时限", "a clock it counts"),
}
_HOW = {
    "added": Text("新增", "Added"),
    "removed": Text("删除", "Removed"),
    "changed": Text("修改", "Changed"),
}
_SOURCES = {
    "practice": Text("业内惯例", "common practice"),
    "authority letter": Text("授权书", "letter of authority"),
    "institution": Text("本机构", "the institution"),
}
_STATES = ("alive", "demonstrated", "dead", "exempt", "not_normative", "not_run")


@register.simple_tag
def state_icon(name: str) -> SafeString:
    """The shape of a state alone, where its word stands beside it otherwise."""
    return icon(components.look(name).icon)


@register.simple_tag
def state_word(name: str) -> str:
    """The word of a state."""
    return say_text(components.look(name).text)


@register.simple_tag
def tone_edge(name: str) -> str:
    """The class that colours the edge of a tile."""
    return f"is-{components.look(name).tone}"


@register.simple_tag
def part_bar(value: Value, unit: str) -> SafeString:
    """The bar of a share with its target marked."""
    return bar(
        float(value.value or 0),
        formats.share(value.value, unit),
        None if "target" not in value.lines else float(value.lines["target"]),
    )


@register.simple_tag
def unit_title(units: Mapping[str, Unit], unit: str | None) -> str:
    """The name of a unit."""
    known = units.get(unit or "")
    return say_text(known.name) if known else formats.NONE


@register.simple_tag
def parameter_value(value: Any, unit: str) -> str:
    """A value of a parameter in the words of its unit."""
    return _told(value, unit)


@register.simple_tag
def parameter_link(identity: str, value: Any, unit: str) -> SafeString:
    """A value of a parameter, leading to its values over time."""
    address = reverse("parameter", args=[identity])
    return format_html('<a href="{}">{}</a>', address, _told(value, unit))


def _told(value: Any, unit: str) -> str:
    if value is None:
        return formats.NONE
    if unit == "limit":
        return say_text(Limit.parse(str(value)).text)
    if unit in _SIGNS:
        return f"{value}{_SIGNS[unit]}"
    if unit in CURRENCIES:
        return formats.money(value if isinstance(value, int) else Decimal(str(value)), unit)
    if isinstance(value, bool):
        return say_text(_YES if value else _NO)
    if isinstance(value, Mapping):
        pairs = (f"{name}: {_told(item, '')}" for name, item in value.items())
        return say_text(_AND).join(pairs)
    if isinstance(value, list | tuple):
        return say_text(_AND).join(_told(item, "") for item in value)
    return formats.number(value) if isinstance(value, int) else str(value)


@register.filter
def clause_kind(kind: str) -> str:
    """What kind of clause it is, in words."""
    return say_text(_KINDS.get(kind, Text(kind, kind)))


_PERIODS = {
    "month": Text("本月", "this month"),
    "quarter": Text("近三个月", "three months"),
    "year": Text("近一年", "a year"),
}
_METRICS = {
    "on_time_share": Text("按时率", "In time"),
    "coverage_share": Text("控制通过率", "Controls met"),
    "count_against_limit": Text("超限次数", "Beyond the limit"),
    "duration_percentile": Text("用时分位数占时限", "Percentile of time taken, of that allowed"),
    "done_due": Text("应办已办率", "Done of due"),
    "attested": Text("有证据率", "With evidence"),
}


@register.filter
def clause_period(period: str) -> str:
    """How long the control and evidence of a clause may lie back, in words."""
    return say_text(_PERIODS[period])


@register.simple_tag
def clause_metric(metric: ClauseMetric) -> SafeString:
    """The metric of a clause: what it counts, its value, and numerator and denominator."""
    counted = f"{formats.number(metric.numerator)} / {formats.number(metric.denominator)}"
    if metric.template == "count_against_limit":
        value = formats.number(metric.numerator)
    else:
        value = formats.share(Decimal(metric.numerator) / metric.denominator, "percent")
    told = counted if metric.template != "duration_percentile" else ""
    return format_html(
        '{} <strong class="num">{}</strong> <span class="soft num">{}</span>',
        say_text(_METRICS[metric.template]),
        value,
        told,
    )


@register.filter
def certainty(status: str) -> str:
    """How sure a reference to the law is, in words."""
    return say_text(_STATUS.get(status, Text(status, status)))


@register.filter
def missing_words(names: tuple[str, ...]) -> str:
    """Which of control, indicator and evidence is missing, in words."""
    return say_text(_AND).join(say_text(MISSING[name]) for name in names)


@register.filter
def in_both(value: Any) -> str:
    """``{"zh": …, "en": …}`` of the content in the page's language; plain text stays."""
    return say_text(Text.from_mapping(value)) if isinstance(value, Mapping) else str(value or "")


@register.filter
def use_part(part: str) -> str:
    """Which part of a procedure asks for a parameter."""
    return say_text(_PARTS[part])


@register.filter
def touched_how(how: str) -> str:
    """How an indicator depends on a parameter."""
    return say_text(_TOUCHED[how])


@register.filter
def change_how(how: str) -> str:
    """What became of a clause between two versions."""
    return say_text(_HOW[how])


@register.simple_tag
def function_name(function: str) -> str:
    """The name of a department function of the standard in force."""
    return say_text(function_title(catalogue(), function))


@register.simple_tag
def clock_limit(deployed: Deployment, clock: ClockDefinition, day: dt.date) -> SafeString:
    """The limit of a clock on a day, leading to its parameter; others that may replace it after it."""
    names = dict.fromkeys([clock.limit, *(item.parameter for item in clock.limit_if)])
    found = [(name, deployed.parameters[name]) for name in names if name in deployed.parameters]
    return format_html_join(
        " / ",
        '<a class="nowrap" href="{}">{}</a>',
        (
            (reverse("parameter", args=[name]), _told(item.value_on(day), item.unit))
            for name, item in found
        ),
    )


@register.filter
def source_words(source: str | None) -> str:
    """Where a value comes from."""
    return say_text(_SOURCES.get(source, source)) if source else formats.NONE


@register.simple_tag
def what_words(titles: Mapping[str, Text], what: str) -> str:
    """What an item of a drill-down is about; a list of what is missing is one, too."""
    if what in titles:
        return say_text(titles[what])
    parts = [part for part in what.split(",") if part]
    if parts and all(part in MISSING for part in parts):
        return missing_words(tuple(parts))
    return what or formats.NONE


@register.filter
def by_state(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """How many clauses are in which state, the living first."""
    return [(state, counts[state]) for state in _STATES if counts.get(state)]
