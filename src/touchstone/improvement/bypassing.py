"""A blocking control that somebody released in an emergency is a finding: the follower of releases."""

from __future__ import annotations

from contextlib import suppress

from touchstone.identity.queries import directory
from touchstone.improvement.folds import finding_stream
from touchstone.journal.followers import follows
from touchstone.journal.unit_of_work import ActContext, AlreadyDone, UnitOfWork, perform
from touchstone.kernel.facts import Fact, ObjectRef, Recorded
from touchstone.process.folds import CASES, case_of
from touchstone.standard.queries import clauses

_OPEN = "SELECT id FROM improvement_finding WHERE subject = %s AND scope = %s AND state = 'open'"


@follows("process.control_released", name="improvement.judge_bypass")
def judge_bypass(context: ActContext, recorded: Recorded) -> None:
    """Open a finding of the control at the branch, or count the release to the one that is open (MON-06)."""
    data, case = recorded.data, case_of(recorded)

    def work(act: UnitOfWork) -> None:
        row = act.row(CASES.table, (case,))
        assert row is not None, case
        unit = directory().ancestor(row["unit"], "branch")
        scope = f"unit:{unit}"
        subject = f"{row['procedure']}.{data['control']}"
        stream = finding_stream(subject, scope)
        objects = (
            ObjectRef("case", case),
            ObjectRef("clause", data["clause"]),
            ObjectRef("person", data["by"]),
        )
        open_ = act.read(_OPEN, (subject, scope))
        if open_:
            said = {"id": open_[0][0], "case": case}
            act.record(stream, Fact("improvement.bypassed_again", said, objects))
            return
        clause = clauses(row["content"]).get(data["clause"])
        said = {
            "id": f"{subject}-{unit}-{act.head(stream).position + 1}",
            "kind": "bypass",
            "subject": subject,
            "scope": scope,
            "unit": unit,
            "owner": clause.owner if clause else "quality",
            "clause": data["clause"],
            "source": "bypass",
            "why": "bypass",
            "severity": "medium",
            "case": case,
        }
        act.record(stream, Fact("improvement.finding_opened", said, objects))

    with suppress(AlreadyDone):
        perform("improvement.judge_bypass", context, work)
