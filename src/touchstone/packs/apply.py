"""Planning and applying: one event on the content stream, with the bytes that are new.

A pack and an institution's overlay may be applied together or each alone; what is not named stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from typing import Any, Literal

from touchstone.journal.unit_of_work import ActContext, UnitOfWork, perform
from touchstone.kernel.facts import Fact
from touchstone.kernel.problem import Problem
from touchstone.kernel.refusal import Refusal, refuse
from touchstone.kernel.time import day_of
from touchstone.packs.catalogue import Catalogue, catalogue
from touchstone.packs.folds import STREAM
from touchstone.packs.kinds import CONTENT_KINDS
from touchstone.packs.lint import lint
from touchstone.packs.overlay import ID, KIND, check_overlay, settings_of
from touchstone.packs.ports import AUTHORITY, RUNNING_CASES
from touchstone.packs.source import Pack, SourceFile, header_of, load_yaml

Change = Literal["added", "changed", "removed"]
__all__ = [
    "Planned",
    "apply_overlay",
    "apply_pack",
    "check_overlay_of",
    "plan",
    "plan_overlay",
]


@dataclass(frozen=True, slots=True)
class Planned:
    """What applying a pack, an overlay or both would change.

    Attributes:
        changes: (kind, id, change) in order; a value that an institution sets itself is of kind
            ``overlay``, under the id of its parameter.
        running_cases: open cases of procedures that change or name a parameter that does; they keep
            the version they began with.
    """

    changes: tuple[tuple[str, str, Change], ...]
    running_cases: int


def plan(pack: Pack, overlay: SourceFile | None = None) -> Planned:
    """Compare ``pack``, and ``overlay`` where one is given, with the standard in force.

    Raises:
        Refusal: ``packs.has_problems``, ``packs.overlay_has_problems``,
            ``packs.overlay_does_not_fit``.
    """
    _require_sound_pack(pack)
    _require_fitting(pack, overlay, catalogue())
    return _plan(catalogue(), pack, overlay)


def plan_overlay(overlay: SourceFile) -> Planned:
    """Compare ``overlay`` with the institution's values in force; the pack stays.

    Raises:
        Refusal: ``packs.nothing_in_force``, ``packs.overlay_has_problems``.
    """
    _require_fitting(None, overlay, catalogue())
    return _plan(catalogue(), None, overlay)


def apply_pack(context: ActContext, pack: Pack, overlay: SourceFile | None = None) -> Planned:
    """Put ``pack`` in force, with ``overlay`` where one is given; no change writes nothing.

    Without ``overlay`` the institution's values in force stay, if the new pack still lets it set
    them.

    Raises:
        Refusal: as ``plan``, or the actor may not.
    """
    return _apply(context, pack, overlay)


def apply_overlay(context: ActContext, overlay: SourceFile) -> Planned:
    """Put an institution's own values in force over the standard as it stands.

    Raises:
        Refusal: as ``plan_overlay``, or the actor may not.
    """
    return _apply(context, None, overlay)


def check_overlay_of(overlay: SourceFile, pack: Pack) -> list[Problem]:
    """Everything wrong with ``overlay`` beside ``pack``, as far as the pack itself can be read."""
    owner = CONTENT_KINDS.get("parameter")
    read = {file.id or "": owner.parse(file) for file in pack.of_kind("parameter")}
    known = {name: data for name, data in read.items() if isinstance(data, dict)}
    header = pack.files.get("pack.yaml")
    loaded = load_yaml(header.content, header.path) if header else None
    name = loaded.get("id") if isinstance(loaded, dict) else None
    return check_overlay(overlay, str(name), known)


def _apply(context: ActContext, pack: Pack | None, overlay: SourceFile | None) -> Planned:
    AUTHORITY.get("identity").require(context.actor, "packs.apply", day_of(context.clock.now()))

    _require_sound_pack(pack)

    def work(unit: UnitOfWork) -> Planned:
        now = catalogue(unit.head(STREAM).position)
        _require_fitting(pack, overlay, now)
        planned = _plan(now, pack, overlay)
        pack_changes = any(kind != KIND for kind, _, _ in planned.changes)
        if pack and pack_changes:
            _record_pack(unit, pack)
        if overlay and (not now.overlay or now.overlay.sha256 != overlay.digest):
            _record_overlay(unit, overlay)
        return planned

    return perform("packs.apply", context, work)


def _record_pack(unit: UnitOfWork, pack: Pack) -> None:
    header = header_of(pack)
    objects = [[file.kind, file.id, file.path, file.digest] for file in pack.objects()]
    data = {"pack": header["id"], "version": header["version"], "objects": objects}
    unit.record(STREAM, Fact("packs.pack_applied", data))
    _store(unit, pack.objects())


def _record_overlay(unit: UnitOfWork, overlay: SourceFile) -> None:
    data = settings_of(overlay)
    unit.record(
        STREAM,
        Fact(
            "packs.overlay_applied",
            {
                "pack": data["pack"],
                "institution": data["institution"],
                "file": overlay.path,
                "sha256": overlay.digest,
                "parameters": sorted(data["values"]),
            },
        ),
    )
    _store(unit, [overlay])


def _store(unit: UnitOfWork, files: Iterable[SourceFile]) -> None:
    """Keep the bytes that the content store does not hold yet."""
    known = {row[0] for row in unit.read("SELECT sha256 FROM packs_content")}
    for file in files:
        if file.digest not in known:
            known.add(file.digest)
            unit.execute(
                "INSERT INTO packs_content (sha256, bytes) VALUES (%s, %s)",
                (file.digest, file.content),
            )


def _require_sound_pack(pack: Pack | None) -> None:
    if pack is not None and (problems := lint(pack)):
        raise _broken("packs.has_problems", problems, "标准包", "The pack")


def _require_fitting(pack: Pack | None, overlay: SourceFile | None, now: Catalogue) -> None:
    """Refuse an overlay with problems, or one in force that no longer fits; the pack is sound."""
    if pack is None and not now.version:
        raise refuse(
            "packs.nothing_in_force",
            "尚未应用任何标准包，无从设定机构参数",
            "No pack is in force, so there is nothing to set values of",
            remedy_zh="先运行 touchstone init 或 touchstone pack apply",
            remedy_en="Run touchstone init or touchstone pack apply first",
        )
    if overlay is not None:
        if problems := _overlay_problems(overlay, pack, now):
            raise _broken("packs.overlay_has_problems", problems, "机构参数文件", "The overlay")
    elif now.overlay is not None:
        stored = SourceFile(now.overlay.path, now.overlay.content, KIND, ID)
        if problems := _overlay_problems(stored, pack, now):
            raise _broken(
                "packs.overlay_does_not_fit",
                problems,
                "现行机构参数与新标准包不符,",
                "The overlay in force does not fit the new pack; it",
            )


def _overlay_problems(overlay: SourceFile, pack: Pack | None, now: Catalogue) -> list[Problem]:
    if pack is not None:
        return check_overlay_of(overlay, pack)
    known = {name: item.data for name, item in now.objects("parameter").items()}
    return check_overlay(overlay, now.pack, known)


def _broken(code: str, problems: list[Problem], zh: str, en: str) -> Refusal:
    first = problems[0]
    place = f"{first.file}:{first.line}"
    many = "" if len(problems) == 1 else "s"
    return refuse(
        code,
        f"{zh}有 {len(problems)} 处问题，首个：{place} {first.text.zh}",
        f"{en} has {len(problems)} problem{many}; the first: {place} {first.text_en}",
        remedy_zh="运行 touchstone pack lint（机构参数加 --overlay）查看全部问题",
        remedy_en="Run touchstone pack lint (with --overlay for the overlay) to see all of them",
    )


def _plan(now: Catalogue, pack: Pack | None, overlay: SourceFile | None) -> Planned:
    changes: list[tuple[str, str, Change]] = []
    if pack is not None:
        before = {(item.kind, item.id): item.sha256 for item in now.manifest}
        after = {(file.kind or "", file.id or ""): file.digest for file in pack.objects()}
        changes = [(*place, change) for place, change in _differences(before, after)]
    if overlay is not None:
        own = _settings(settings_of(overlay))
        known = _settings(now.overlay.data) if now.overlay else {}
        changes += [(KIND, name, change) for name, change in _differences(known, own)]
    touched = {
        identity.split("/")[0]
        for kind, identity, _ in changes
        if kind in ("procedure", "diagram", "form")
    }
    parameters = {identity for kind, identity, _ in changes if kind in ("parameter", KIND)}
    touched |= _naming(now, parameters)
    counts = [provider(touched) for provider in RUNNING_CASES.all().values()]
    return Planned(tuple(changes), sum(counts))


def _differences(before: Mapping[Any, Any], after: Mapping[Any, Any]) -> list[tuple[Any, Change]]:
    found: list[tuple[Any, Change]] = []
    for place in sorted(before.keys() | after.keys()):
        if place not in before:
            found.append((place, "added"))
        elif place not in after:
            found.append((place, "removed"))
        elif before[place] != after[place]:
            found.append((place, "changed"))
    return found


def _settings(overlay: Mapping[str, Any]) -> dict[str, Any]:
    """What an overlay sets: values of parameters, and the calendar where it names one."""
    chosen = {"calendar": overlay["calendar"]} if "calendar" in overlay else {}
    return {**overlay["values"], **chosen}


def _naming(now: Catalogue, parameters: Set[str]) -> set[str]:
    """The procedures in force whose text names one of ``parameters``."""
    if not parameters:
        return set()
    names = [name.encode() for name in parameters]
    return {
        item.id.partition("/")[0]
        for kind in ("procedure", "diagram", "form")
        for item in now.objects(kind).values()
        if any(name in item.content for name in names)
    }
