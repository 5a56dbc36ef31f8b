"""The chain of every clause, and where it breaks: page, command's words and API say the same."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from touchstone.measures.queries.clause import clause_page
from touchstone.measures.queries.tracing import GAPS, traces
from touchstone.standard.queries import clauses

LogIn = Callable[[str], Client]
Holder = Callable[..., str]
pytestmark = pytest.mark.usefixtures("bank")


def test_every_clause_has_its_chain_and_a_live_one_no_gap() -> None:
    found = {item.clause.id: item for item in traces()}

    assert found.keys() == clauses(_version()).keys()
    for item in found.values():
        assert set(item.gaps) <= set(GAPS)
        if item.state.state == "alive":
            assert item.gaps == ()
        if item.state.state == "dead":
            assert item.gaps, item.clause.id


def _version() -> int:
    return clause_page("ACP-06").version


def test_the_chain_counts_what_the_clause_page_counts() -> None:
    item = next(item for item in traces() if item.clause.id == "ACP-09")
    page = clause_page("ACP-09")

    controls = {link.id: link.runs for link in item.links if link.kind == "control"}
    assert controls == {control.id: control.executions for control in page.controls}
    assert list(item.indicators) == [use.words.id for use in page.indicators]


def test_the_page_lists_the_gaps_with_what_to_do(as_person: LogIn, holder: Holder) -> None:
    client = as_person(holder("quality_officer"))
    gone = [item.clause.id for item in traces() if "never_ran" in item.gaps]

    page = client.get("/standard/trace/?gap=never_ran").content.decode()

    assert gone
    assert f"/standard/clauses/{gone[0]}/" in page
    assert "核实该业务是否发生" in page
    alive = next(item.clause.id for item in traces() if not item.gaps)
    assert f"/standard/clauses/{alive}/" not in page
