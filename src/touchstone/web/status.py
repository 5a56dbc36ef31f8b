"""The few counts on the welcome page: nothing personal."""

from __future__ import annotations

from dataclasses import dataclass

from touchstone.journal.queries import journal_size
from touchstone.kernel.text import Text
from touchstone.packs.catalogue import catalogue
from touchstone.process.queries import case_counts, open_task_count
from touchstone.standard.queries import clauses


@dataclass(frozen=True, slots=True)
class CountedFact:
    """One number and what it counts."""

    text: Text
    value: int


def welcome_facts() -> tuple[CountedFact, ...]:
    """Clauses, procedures, cases, open tasks and events."""
    standard = catalogue()
    cases = case_counts()
    known = clauses(standard.version) if standard.version else {}
    return (
        CountedFact(Text("在行条款", "Clauses in force"), len(known)),
        CountedFact(Text("运行中的流程", "Procedures running"), len(standard.objects("procedure"))),
        CountedFact(Text("累计业务", "Cases so far"), sum(row.open + row.ended for row in cases)),
        CountedFact(Text("待办任务", "Open tasks"), open_task_count()),
        CountedFact(Text("日志事件", "Events in the journal"), journal_size()[0]),
    )
