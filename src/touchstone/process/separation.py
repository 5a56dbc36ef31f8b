"""Separation of duties (职责分离, 不相容岗位): who may not act here because of what he did before.

The one place where it is judged, called inside the completing transaction. It counts everybody who
ever acted on a step, also in rounds that were sent back later.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from touchstone.kernel.refusal import Refusal, refuse
from touchstone.process.procedure import Procedure

Actors = Mapping[str, Sequence[str]]
"""Person id -> the elements he completed or signed, or stood behind who did."""


def check_separation(
    procedure: Procedure, element: str, persons: Iterable[str], actors: Actors
) -> Refusal | None:
    """Refuse when one of ``persons`` (the actor and whom he stands in for) did a conflicting step."""
    conflicts = procedure.conflicts.get(element)
    if not conflicts:
        return None
    done = {step for person in persons for step in actors.get(person, ())}
    for step, clause in conflicts.items():
        if step in done:
            title = procedure.steps[step].title if step in procedure.steps else None
            return refuse(
                "process.same_person",
                f"同一人不得既办理「{title.zh if title else step}」又办理本环节",
                f"Whoever did “{title.en if title else step}” may not do this step as well",
                clause=clause,
                remedy_zh="请由另一位有权人员办理",
                remedy_en="Hand the task to another authorised person",
            )
    return None
