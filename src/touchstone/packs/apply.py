"""Planning and applying: one event on the content stream, with the bytes that are new."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from touchstone.journal.unit_of_work import ActContext, UnitOfWork, perform
from touchstone.kernel.facts import Fact
from touchstone.kernel.refusal import refuse
from touchstone.kernel.time import day_of
from touchstone.packs.catalogue import catalogue
from touchstone.packs.folds import STREAM
from touchstone.packs.lint import lint
from touchstone.packs.ports import AUTHORITY, RUNNING_CASES
from touchstone.packs.source import Pack, header_of

Change = Literal["added", "changed", "removed"]
__all__ = ["Planned", "apply_pack", "plan"]


@dataclass(frozen=True, slots=True)
class Planned:
    """What applying a pack would change.

    Attributes:
        changes: (kind, id, change) in order.
        running_cases: open cases of procedures that change; they keep the version they began with.
    """

    changes: tuple[tuple[str, str, Change], ...]
    running_cases: int


def plan(pack: Pack) -> Planned:
    """Compare ``pack`` with the standard in force."""
    now = {(item.kind, item.id): item.sha256 for item in catalogue().manifest}
    new = {(file.kind or "", file.id or ""): file.digest for file in pack.objects()}
    changes: list[tuple[str, str, Change]] = []
    for place in sorted(now.keys() | new.keys()):
        if place not in now:
            changes.append((*place, "added"))
        elif place not in new:
            changes.append((*place, "removed"))
        elif now[place] != new[place]:
            changes.append((*place, "changed"))
    touched = {
        identity.split("/")[0]
        for kind, identity, _ in changes
        if kind in ("procedure", "diagram", "form")
    }
    counts = [count for provider in RUNNING_CASES.all().values() for count in [provider(touched)]]
    return Planned(tuple(changes), sum(counts))


def apply_pack(context: ActContext, pack: Pack) -> Planned:
    """Put ``pack`` in force; a pack that changes nothing writes nothing.

    Raises:
        Refusal: ``packs.has_problems``, or the actor may not.
    """
    AUTHORITY.get("identity").require(context.actor, "packs.apply", day_of(context.clock.now()))
    problems = lint(pack)
    if problems:
        first = problems[0]
        place = f"{first.file}:{first.line}"
        raise refuse(
            "packs.has_problems",
            f"标准包有 {len(problems)} 处问题,首个:{place} {first.text.zh}",
            f"The pack has {len(problems)} problems; the first: {place} {first.text_en}",
            remedy_zh="运行 touchstone pack lint 查看全部问题",
            remedy_en="Run touchstone pack lint to see all of them",
        )
    planned = plan(pack)
    if not planned.changes:
        return planned
    header = header_of(pack)
    objects = [[file.kind, file.id, file.path, file.digest] for file in pack.objects()]

    def work(unit: UnitOfWork) -> None:
        known = {row[0] for row in unit.read("SELECT sha256 FROM packs_content")}
        unit.record(
            STREAM,
            Fact(
                "packs.pack_applied",
                {"pack": header["id"], "version": header["version"], "objects": objects},
            ),
        )
        sent: set[str] = set()
        for file in pack.objects():
            if file.digest not in known and file.digest not in sent:
                sent.add(file.digest)
                unit.execute(
                    "INSERT INTO packs_content (sha256, bytes) VALUES (%s, %s)",
                    (file.digest, file.content),
                )

    perform("packs.apply", context, work)
    return planned
