"""Who drafted, reviewed and signed a month's report, as its case of report production (P15) says."""

from __future__ import annotations

from dataclasses import dataclass

from touchstone.kernel.text import Text
from touchstone.kernel.time import from_microseconds
from touchstone.process.actions.starting import slug_of
from touchstone.process.steps_done import CaseAbout, StepDone, cases_of_procedure, steps_done
from touchstone.ui.formats import NONE, short_instant
from touchstone.web.naming import Naming
from touchstone.web.reports.composing import Table

_PRODUCTION = "P15"
_STEPS: tuple[tuple[str, Text], ...] = (
    ("draft_report", Text("编制", "Drafted")),
    ("review", Text("复核", "Reviewed")),
    ("sign", Text("签发", "Signed")),
    ("publish", Text("发布", "Published")),
)


@dataclass(frozen=True, slots=True)
class Signing:
    """How far a month's report has come; ``case`` is None where nobody has begun it."""

    case: CaseAbout | None
    done: tuple[tuple[Text, StepDone | None], ...]

    @property
    def state(self) -> str:
        """``published``, ``open`` or ``not_begun``."""
        if self.case is None:
            return "not_begun"
        return "published" if self.done[-1][1] else "open"


def signings(periods: tuple[str, ...]) -> dict[str, Signing]:
    """Month -> its signing: the latest case about it that is for management."""
    found: dict[str, CaseAbout] = {}
    try:
        slug = slug_of(_PRODUCTION)
    except LookupError:
        slug = ""
    for case in cases_of_procedure(slug) if slug else ():
        month, last = (str(case.variables.get(f"period_{end}") or "")[:7] for end in ("from", "to"))
        if case.variables.get("audience") == "management" and month == last:
            found.setdefault(month, case)
    return {period: _signing(found.get(period)) for period in periods}


def _signing(case: CaseAbout | None) -> Signing:
    known = dict(steps_done(case.id)) if case else {}
    drafted = known.get("draft_report")
    # What was reviewed and signed before it was drafted again is signed no more.
    known = {step: done for step, done in known.items() if drafted and done.at >= drafted.at}
    return Signing(case, tuple((title, known.get(step)) for step, title in _STEPS))


def signed_by(signing: Signing, naming: Naming) -> Table:
    """The signatures as a table of the file."""
    rows = tuple(
        (
            title,
            naming.person(done.by) if done else Text(NONE, NONE),
            short_instant(from_microseconds(done.at)) if done else NONE,
        )
        for title, done in signing.done
    )
    heads = (Text("环节", "Step"), Text("人员", "Person"), Text("时间", "When"))
    return Table(heads, rows, (30, 40, 30))
