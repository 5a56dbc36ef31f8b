"""The self-check: nothing is broken in a bank as it lives, and each rule finds what is broken on purpose."""

from __future__ import annotations

import json

import pytest
from django.db import connection

from touchstone.improvement.xray import RULES, broken_invariants, xray
from touchstone.kernel.time import SystemClock
from touchstone.simulation.run import Simulation

_FINDING = (
    "INSERT INTO improvement_finding (id, kind, subject, scope, unit, owner, clause, source, level,"
    " state, why, severity, windows, breaches, recurrences, opened_at, action, how)"
    " VALUES ('{id}', 'breach', 'K14', 'branch:b1', 'b1', 'operations', 'ACP-06', 'indicator',"
    " 'finding', '{state}', '{why}', 'high', '[]', 1, 0, 1, {action}, '{how}')"
)
_DEFECT = json.dumps({"vars": {"cause_class": "clause_defect"}})
_ACTED = '{"p001":["first_review","second_review"]}'


def finding(identity: str, state: str, why: str = "floor", action: str = "NULL") -> str:
    return _FINDING.format(id=identity, state=state, why=why, action=action, how="repaired")


# What is done behind the application's back, by the rule that finds it.
BREAKING: dict[str, tuple[str, ...]] = {
    "I2": ("DELETE FROM measures_measurement WHERE indicator = 'K14'",),
    "I3": ("UPDATE measures_measurement SET value = NULL, status = 'met'",),
    "I4": ("UPDATE measures_measurement SET watermark = 0 WHERE indicator = 'K14'",),
    "I5": (
        "DROP INDEX improvement_open_sole",
        finding("one", "open"),
        finding("two", "open"),
    ),
    "I6": (finding("one", "closed", action="'nothing'"),),
    "I7": (finding("one", "open", why="relapse"),),
    "I8": (
        "UPDATE process_case SET procedure = 'corrective_action', state = 'ended',"
        f" engine = '{_DEFECT}' WHERE id = (SELECT min(id) FROM process_case)",
    ),
    "I9": (
        f"UPDATE process_case SET actors = '{_ACTED}'"
        " WHERE id = (SELECT min(id) FROM process_case WHERE procedure = 'loan')",
    ),
    "I10": (
        "UPDATE packs_content SET bytes = x'00'"
        " WHERE sha256 = (SELECT min(sha256) FROM packs_content)",
    ),
    "chain": ("UPDATE journal_event SET actor = 'nobody' WHERE id = 100",),
    "replay": ("UPDATE process_case SET outcome = 'elsewhere' WHERE state = 'ended'",),
    "noticed": (
        "UPDATE clocks_clock SET breached_at = NULL, state = 'running', due_at = 1, next_at = 1",
    ),
    "told": ("DELETE FROM process_matter WHERE kind = 'escalation'",),
    "limits": ("UPDATE limits_holding SET reserved = '1.00'",),
    "entries": (
        "UPDATE records_entry SET state = 'confirmed', writers = '[\"p001\"]', confirmed_by = 'p001'",
    ),
}


@pytest.fixture
def unbroken(bank: Simulation) -> list[str]:
    return broken_invariants(SystemClock().now())


def test_nothing_that_was_ever_done_breaks_a_rule(unbroken: list[str]) -> None:
    assert unbroken == []


@pytest.mark.parametrize("rule", sorted(BREAKING))
def test_each_rule_finds_what_breaks_it(bank: Simulation, rule: str) -> None:
    with connection.cursor() as cursor:
        for statement in BREAKING[rule]:
            cursor.execute(statement)

    (found,) = [item for item in xray(SystemClock().now()) if item.rule.id == rule]

    assert found.violations > 0
    assert found.examples


def test_a_page_reads_no_whole_journal(bank: Simulation) -> None:
    quick = {item.rule.id for item in xray(SystemClock().now(), whole=False)}
    assert quick == {rule.id for rule in RULES if not rule.is_whole}
    assert {"chain", "replay", "order"}.isdisjoint(quick)
