"""The file of a case: everything about it as plain data, to print and keep, and to verify later.

It carries the rows of its stream as journaled, each with its hash, so that whoever holds the file can
check it against the journal, or without the journal against the signed checkpoint it names. Sealed
values appear masked only; they are no part of what is verified.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from touchstone.decisions.wording import MatchedRule
from touchstone.journal.checkpoint import CheckpointRow, checkpoints, heads_at, root_of
from touchstone.journal.reading import EventRow, hashed_text, stream_rows
from touchstone.kernel.chain import GENESIS, link
from touchstone.kernel.refusal import Refusal
from touchstone.kernel.text import Text
from touchstone.kernel.time import from_microseconds, to_microseconds
from touchstone.process.course import CaseDecision, Course, read_course
from touchstone.process.course.points import ControlPoint
from touchstone.process.course.submissions import Field, Submission
from touchstone.process.course.wording import span
from touchstone.vault.masking import Mask
from touchstone.vault.queries import masked_values

FORMAT = "touchstone.casefile/1"
_ROW = (
    "position", "act", "actor", "on_behalf_of", "occurred_at", "recorded_at", "key", "payload",
    "hash",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was checked; ``position`` of the row at fault, where one is."""

    code: str
    holds: bool
    text: Text
    position: int | None = None


@dataclass(frozen=True, slots=True)
class CaseFileVerification:
    """Whether a file says what the journal says."""

    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether everything holds."""
        return all(item.holds for item in self.findings)


def read_casefile(case: str, *, now: dt.datetime) -> dict[str, Any]:
    """The file of a case as plain data, with a verification of the moment it was made.

    Whoever asks must have seen to it that the reader may see the case.

    Raises:
        Refusal: ``process.no_such_case``.
    """
    course = read_course(case, now=now)
    file: dict[str, Any] = {
        "format": FORMAT,
        "made_at": to_microseconds(now),
        **_told(course),
        "chain": _chain(course.rows),
    }
    verified = verify_casefile(file)
    file["verification"] = {
        "ok": verified.ok,
        "findings": [
            {"code": item.code, "holds": item.holds, "text": item.text.as_dict()}
            for item in verified.findings
        ],
    }
    return file


def verify_casefile(file: Mapping[str, Any]) -> CaseFileVerification:
    """Compare a file with the journal: its chain, its rows, its checkpoint and what it tells.

    Anything may be handed in; what is no case file does not hold.
    """
    try:
        return CaseFileVerification(tuple(_checked(file)))
    except (LookupError, TypeError, ValueError, AttributeError, OverflowError, Refusal):
        text = Text("文件残缺或不是业务档案", "The file is damaged or no case file")
        return CaseFileVerification((Finding("casefile.unreadable", False, text),))


# Making


def _told(course: Course) -> dict[str, Any]:
    """What the file says in words."""
    return {
        "case": _case(course),
        "standard": {"content": course.deployed.content, "procedure": _procedure(course)},
        "steps": [_step(course, item) for item in course.steps if item.visits],
        "clocks": [_clock(course, item) for item in course.clocks],
        "controls": [_control(item) for item in course.points],
        "decisions": [_decision(item) for item in course.decisions],
        "submissions": _submissions(course),
        "evidence": [_evidence(item) for item in course.evidence],
        "timeline": [_entry(item) for item in reversed(course.entries)],
    }


def _case(course: Course) -> dict[str, Any]:
    row, names = course.case, course.names
    return {
        "id": row["id"],
        "number": row["number"],
        "unit": row["unit"],
        "unit_name": names.unit(row["unit"]).as_dict(),
        "customer": row["customer"],
        "state": row["state"],
        "outcome": row["outcome"],
        "outcome_name": names.outcome(row["outcome"]).as_dict() if row["outcome"] else None,
        "started_at": row["started_at"],
        "started_by": row["started_by"],
        "ended_at": row["ended_at"] if row["state"] == "ended" else None,
    }


def _procedure(course: Course) -> dict[str, Any]:
    procedure = course.deployed.procedure
    return {
        "slug": procedure.slug,
        "number": procedure.number,
        "title": procedure.title.as_dict(),
        "diagram": course.deployed.program.digest,
    }


def _step(course: Course, step: Any) -> dict[str, Any]:
    return {
        "element": step.element,
        "title": step.title.as_dict(),
        "clause": step.clause,
        "rounds": step.rounds,
        "sent_back": step.sent_back,
        "lasted": span(step.lasted).as_dict(),
        "worked": span(step.worked, working=True).as_dict(),
        "visits": [
            {
                "round": visit.round,
                "opened_at": visit.opened_at,
                "taken_by": visit.taken_by,
                "closed_at": visit.closed_at,
                "how": visit.how,
                "by": list(visit.by),
                "by_names": course.names.people(visit.by).as_dict(),
                "on_behalf_of": visit.on_behalf_of,
                "superseded": visit.superseded,
            }
            for visit in step.visits
        ],
    }


def _clock(course: Course, clock: Any) -> dict[str, Any]:
    return {
        "clock": clock.clock,
        "title": course.names.clock(clock.clock).as_dict(),
        "clause": clock.clause,
        "limit": clock.limit.as_dict(),
        "started_at": to_microseconds(clock.started_at),
        "due_at": to_microseconds(clock.due_at),
        "stopped_at": to_microseconds(clock.stopped_at) if clock.stopped_at else None,
        "status": clock.status,
        "derivation": [line.as_dict() for line in clock.derivation.lines()],
    }


def _control(point: ControlPoint) -> dict[str, Any]:
    return {
        "control": point.control.id,
        "title": point.title.as_dict(),
        "step": point.step.as_dict(),
        "clause": point.clause,
        "mode": point.control.mode,
        "state": point.state,
        "executions": [
            {"result": item.result, "by": item.actor, "at": item.at, "position": item.position}
            for item in point.executions
        ],
    }


def _decision(item: CaseDecision) -> dict[str, Any]:
    return {
        "element": item.element,
        "step": item.step.as_dict(),
        "decision": item.decision,
        "sha256": item.sha256,
        "title": item.title.as_dict(),
        "clauses": list(item.clauses),
        "at": item.at,
        "position": item.position,
        "outputs": [_valued(value) for value in item.outputs],
        "inputs": [_valued(value) for value in item.inputs],
        "parameters": [_valued(value) for value in item.parameters],
        "rules": [_rule(rule) for rule in item.rules],
        "unknown": list(item.unknown),
        "undecided": item.undecided,
        "why": list(item.why),
        "superseded": item.superseded,
    }


def _valued(item: Any) -> dict[str, Any]:
    return {
        "name": item.name,
        "label": item.label.as_dict(),
        "value": item.value,
        "text": item.text.as_dict(),
    }


def _rule(rule: MatchedRule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "number": rule.number,
        "conditions": [
            {"label": part.label.as_dict(), "test": part.test.as_dict(), "written": part.written}
            for part in rule.conditions
        ],
        "why": rule.why.as_dict(),
        "points": rule.points,
    }


def _submissions(course: Course) -> list[dict[str, Any]]:
    masks = _masks(course)
    return [
        {
            "element": item.element,
            "step": item.step.as_dict(),
            "round": item.round,
            "by": list(item.by),
            "by_names": item.by_names.as_dict(),
            "at": item.at,
            "position": item.position,
            "superseded": item.superseded,
            "fields": [_field(field, masks) for field in item.fields],
        }
        for item in course.submissions
    ]


def _field(field: Field, masks: Mapping[str, str]) -> dict[str, Any]:
    found = {"name": field.name, "title": field.title.as_dict()}
    if field.reference is None:
        return {**found, "value": field.value, "text": field.text.as_dict()}
    return {**found, "sealed": field.reference, "masked": masks.get(field.reference)}


def _masks(course: Course) -> dict[str, str]:
    """Reference -> mask, by the masks that the forms declare."""
    declared: dict[str, Mask] = {}
    for form in course.deployed.forms.values():
        for name, schema in form.properties.items():
            if "x-mask" in schema:
                declared[name] = schema["x-mask"]
    found: dict[str, str] = {}
    for subject, references in _by_subject(course.submissions).items():
        named = {reference: reference for reference in references}
        masks = {
            reference: declared[name]
            for reference in references
            if (name := reference.split("/")[1]) in declared
        }
        found |= masked_values(subject, named, masks)
    return found


def _by_subject(submitted: Sequence[Submission]) -> dict[str, set[str]]:
    subjects: dict[str, set[str]] = {}
    for item in submitted:
        for field in item.fields:
            if field.reference:
                subjects.setdefault(field.reference.split("/")[0], set()).add(field.reference)
    return subjects


def _evidence(item: Any) -> dict[str, Any]:
    return {
        "id": item.id,
        "title": item.title.as_dict(),
        "sha256": item.sha256,
        "step": item.step.as_dict(),
        "by": item.by,
        "by_name": item.by_name.as_dict(),
        "at": item.at,
        "position": item.position,
        "replaced": item.replaced,
    }


def _entry(item: Any) -> dict[str, Any]:
    return {
        "position": item.position,
        "index": item.index,
        "kind": item.kind,
        "actor": item.actor,
        "occurred_at": item.occurred_at,
        "recorded_at": item.recorded_at,
        "text": item.text.as_dict(),
        "clause": item.clause,
    }


def _chain(rows: Sequence[EventRow]) -> dict[str, Any]:
    listed = [
        {name: getattr(row, name) for name in _ROW[:-1]} | {"hash": row.hash.hex()} for row in rows
    ]
    return {
        "stream": rows[0].stream,
        "rows": listed,
        "first": listed[0]["hash"],
        "last": listed[-1]["hash"],
        "checkpoint": _checkpoint(rows),
    }


def _checkpoint(rows: Sequence[EventRow]) -> dict[str, Any] | None:
    """The last checkpoint that covers rows of the stream: how many, and who signed it."""
    for row in reversed(checkpoints()):
        head = heads_at(row.number).get(rows[0].stream)
        if head is not None:
            return {
                "number": row.number,
                "taken_at": row.taken_at,
                "covers": head[0],
                "head": head[1].hex(),
                "root": row.root.hex(),
                "public_key": row.public_key.hex(),
                "signature": row.signature.hex(),
            }
    return None


# Verifying


def _checked(file: Mapping[str, Any]) -> Iterable[Finding]:
    if file["format"] != FORMAT:
        raise ValueError(file["format"])
    chain = file["chain"]
    rows = chain["rows"]
    if not rows or chain["stream"] != f"case:{file['case']['id']}":
        raise ValueError(chain["stream"])
    broken = _broken_link(chain["stream"], rows)
    ends = (chain["first"], chain["last"]) == (rows[0]["hash"], rows[-1]["hash"])
    yield Finding(
        "casefile.chain",
        broken is None and ends,
        Text("档案内的日志首尾相连", "The file's own chain of rows holds"),
        broken,
    )
    differing = _differing(chain["stream"], rows)
    yield Finding(
        "casefile.journal",
        differing is None,
        Text("与日志逐条一致", "Every row is as the journal has it"),
        differing,
    )
    yield _checkpoint_holds(chain)
    yield _tells_the_same(file)


def _broken_link(stream: str, rows: Sequence[Mapping[str, Any]]) -> int | None:
    """The first position whose hash does not follow from the one before."""
    previous = GENESIS
    for expected, row in enumerate(rows, start=1):
        text = hashed_text(
            stream, row["position"], row["act"], row["actor"], row["on_behalf_of"],
            row["occurred_at"], row["recorded_at"], row["key"], row["payload"],
        )  # fmt: skip
        found = link(previous, text)
        if row["position"] != expected or found.hex() != row["hash"]:
            return expected
        previous = found
    return None


def _differing(stream: str, rows: Sequence[Mapping[str, Any]]) -> int | None:
    """The first position at which the journal has another row, or none."""
    stored = {row.position: row for row in stream_rows(stream)}
    for row in rows:
        known = stored.get(row["position"])
        if known is None or known.hash.hex() != row["hash"] or known.payload != row["payload"]:
            return int(row["position"])
    return None


def _checkpoint_holds(chain: Mapping[str, Any]) -> Finding:
    """Whether a signed checkpoint covers the file; that none does yet is said, and no fault."""
    claimed, rows = chain["checkpoint"], chain["rows"]
    if claimed is None:
        text = Text("尚无检查点覆盖", "No checkpoint covers it yet")
        return Finding("casefile.no_checkpoint", True, text)
    text = Text(
        f"检查点 {claimed['number']} 已签名覆盖前 {claimed['covers']} 条",
        f"Signed checkpoint {claimed['number']} covers the first {claimed['covers']} rows",
    )
    kept = next((row for row in checkpoints() if row.number == claimed["number"]), None)
    holds = kept is not None and _is_kept(kept, claimed)
    if holds and kept is not None:
        heads = heads_at(kept.number)
        head = (claimed["covers"], bytes.fromhex(claimed["head"]))
        holds = root_of(heads) == kept.root and heads.get(chain["stream"]) == head
    covered = rows[claimed["covers"] - 1] if 0 < claimed["covers"] <= len(rows) else None
    holds = holds and covered is not None and covered["hash"] == claimed["head"]
    return Finding("casefile.checkpoint", holds, text)


def _is_kept(kept: CheckpointRow, claimed: Mapping[str, Any]) -> bool:
    same = (
        kept.root.hex() == claimed["root"]
        and kept.public_key.hex() == claimed["public_key"]
        and kept.signature.hex() == claimed["signature"]
    )
    return same and kept.is_signed_by(checkpoints()[0].public_key)


def _tells_the_same(file: Mapping[str, Any]) -> Finding:
    """Whether what the file says in words is what its own rows say; masks are left out."""
    text = Text("档案所载内容由日志得出", "What the file tells follows from the journal")
    case, made_at = file["case"]["id"], from_microseconds(file["made_at"])
    course = read_course(case, now=made_at, until=made_at)
    anew = _told(course)
    # A file made before decisions were told tells of a case that made none.
    told = {"decisions": [], **file}
    changed = [part for part in anew if _without_masks(told[part]) != _without_masks(anew[part])]
    if changed:
        listed = ", ".join(changed)
        text = Text(f"档案内容与日志不符：{listed}", f"The file differs from the journal: {listed}")
    return Finding("casefile.content", not changed, text)


def _without_masks(value: Any) -> Any:
    """A mask goes when a subject is erased; the file is no less true for it."""
    if isinstance(value, Mapping):
        return {key: _without_masks(item) for key, item in value.items() if key != "masked"}
    if isinstance(value, list):
        return [_without_masks(item) for item in value]
    return value
