"""Decisions of a small standard: tables and a card that tests write and break."""

from __future__ import annotations

from xml.sax.saxutils import escape

OWN = "https://touchstone.example/dmn"
LEVEL = "decisions/level.dmn"
CARD_FILE = "decisions/points.scorecard.yaml"


def rule(name: str, test: str, result: str, why: tuple[str, str] = ("缘由", "reason")) -> str:
    """A row of the table ``level``."""
    notes = "".join(f"<annotationEntry><text>{text}</text></annotationEntry>" for text in why)
    return (
        f'<rule id="{name}"><inputEntry><text>{escape(test)}</text></inputEntry>'
        f"<outputEntry><text>{escape(result)}</text></outputEntry>{notes}</rule>"
    )


LINE = 'parameter("review.line")'
ROWS = rule("low", f"<= {LINE}", '"clerk"') + rule("high", f"> {LINE}", '"boss"')


def level(
    rows: str = ROWS, *, clause: str = "APR-02", kind: str = "number", source: str = "amount"
) -> str:
    """The table that says who decides on an amount."""
    words = "".join(
        f'<ts:value is="{name}" label="{name}" label-en="{name}"/>' for name in ("clerk", "boss")
    )
    served = f'<extensionElements><ts:clause id="{clause}"/></extensionElements>' if clause else ""
    return (
        f'<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" xmlns:ts="{OWN}"'
        ' name="权限" namespace="n">'
        f'<inputData id="i" name="{source}"><variable name="{source}" typeRef="{kind}"/></inputData>'
        f'<decision id="d" name="权限" ts:name-en="Level">{served}'
        '<variable name="level" typeRef="string"/><informationRequirement>'
        '<requiredInput href="#i"/></informationRequirement><decisionTable hitPolicy="UNIQUE">'
        f'<input id="c" label="金额" ts:label-en="Amount"><inputExpression typeRef="{kind}">'
        f"<text>{source}</text></inputExpression></input>"
        '<output id="o" name="level" typeRef="string" label="层级" ts:label-en="Level">'
        f"<extensionElements>{words}</extensionElements></output>"
        f'<annotation name="说明"/><annotation name="Explanation"/>{rows}'
        "</decisionTable></decision></definitions>"
    )


CARD = """id: points
title: {zh: 评分卡, en: Card}
clauses: [APR-03]
basis: {zh: 人工设定, en: Set by hand}
base: 10
characteristics:
  - id: amount
    title: {zh: 金额, en: Amount}
    kind: number
    missing: 1
    bins:
      - {up_to: 100, points: 50, label: {zh: 小, en: small}}
      - {points: 20, label: {zh: 大, en: large}}
grades:
  - {id: A, title: {zh: 甲, en: A}, least: {parameter: review.line}}
  - {id: B, title: {zh: 乙, en: B}, least: 0}
"""


def rule_task(name: str, decision: str, more: str = "", inside: str = "") -> str:
    """A business-rule task."""
    return (
        f'<bpmn:businessRuleTask xmlns:ts="https://touchstone.example/bpmn" id="{name}"'
        f' name="{name}" ts:decision="{decision}"{more}>'
        f"<bpmn:extensionElements>{inside}</bpmn:extensionElements></bpmn:businessRuleTask>"
    )
