"""One evaluation: the inputs, what each element came to and why, which rules matched."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from touchstone.kernel import feel


class Step(NamedTuple):
    """What one element came to.

    Attributes:
        element: its name.
        kind: input, decision, knowledge model or service.
        value: a host value.
        rules: of its decision tables, those that matched.
        reasons: why parts of it are null.
        reasons_zh: the same in Chinese.
    """

    element: str
    kind: str
    value: Any
    rules: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    reasons_zh: tuple[str, ...] = ()

    @property
    def reason(self) -> str | None:
        """The reasons in one text, None where nothing failed."""
        return "; ".join(self.reasons) or None

    def __str__(self) -> str:
        rules = f" by {', '.join(self.rules)}" if self.rules else ""
        reason = f" ({self.reason})" if self.reasons else ""
        return f"{self.kind} {self.element} = {self.value!r}{rules}{reason}"

    def as_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "element": self.element,
            "kind": self.kind,
            "value": self.value,
            "rules": list(self.rules),
            "reasons": list(self.reasons),
            "reasons_zh": list(self.reasons_zh),
        }


class Version(NamedTuple):
    """What was evaluated.

    Attributes:
        sha256: the hash of the model file.
        imported: the hashes of the models it imports, by file.
    """

    sha256: str
    imported: Mapping[str, str]


class Record(Protocol):
    """Tells what happened in an evaluation from the row it left."""

    version: Version

    def matched(self, row: Any) -> dict[str, list[str]]:
        """By decision or knowledge model, the ids of the rules that matched."""
        ...

    def trace(self, row: Any) -> tuple[Step, ...]:
        """Every element evaluated, in order."""
        ...

    def inputs(self, row: Any) -> dict[str, Any]:
        """The input values that were used."""
        ...


class Result:
    """What an evaluation gives: the facts of one event.

    Attributes:
        value: a host value, None where the decision failed or is null.
    """

    __slots__ = ("_record", "_row", "value")

    def __init__(self, value: Any, record: Record, row: Any) -> None:
        self.value = value
        self._record = record
        self._row = row

    @property
    def matched_rules(self) -> dict[str, list[str]]:
        """By decision or knowledge model, the ids of the rules that matched."""
        return self._record.matched(self._row)

    @property
    def trace(self) -> tuple[Step, ...]:
        """Every element evaluated, in order, with the reasons where something is null."""
        return self._record.trace(self._row)

    @property
    def inputs(self) -> dict[str, Any]:
        """The input values that were used, as host values."""
        return self._record.inputs(self._row)

    @property
    def model_sha256(self) -> str:
        """The version: the hash of the model file."""
        return self._record.version.sha256

    @property
    def imported_sha256(self) -> Mapping[str, str]:
        """The hashes of the models it imports, by file."""
        return self._record.version.imported

    def as_dict(self) -> dict[str, Any]:
        """The facts as plain data."""
        return {
            "value": self.value,
            "matched_rules": self.matched_rules,
            "inputs": self.inputs,
            "model_sha256": self.model_sha256,
            "imported_sha256": dict(self.imported_sha256),
            "trace": [step.as_dict() for step in self.trace],
        }

    def __repr__(self) -> str:
        return f"Result({self.value!r}, matched_rules={self.matched_rules!r})"


class Evaluation(feel.Run):
    """A FEEL run that remembers rules and steps."""

    __slots__ = ("given", "hits", "steps_done", "used")

    def __init__(self, now: dt.datetime, given: Mapping[str, Any]) -> None:
        super().__init__(now)
        self.given = given
        self.hits: dict[str, list[str]] = {}
        self.used: dict[str, Any] = {}
        self.steps_done: list[Step] = []

    def matched(self, table: str, rules: Sequence[str]) -> None:
        """Note the rules of a table that matched."""
        self.hits.setdefault(table, []).extend(rules)

    def done(self, element: str, kind: str, value: Any, failures: int) -> None:
        """Note what an element came to; ``failures`` is how many problems there were before."""
        new = self.problems[failures:]
        reasons, chinese = tuple(text for _, text, _ in new), tuple(text for _, _, text in new)
        rules = tuple(self.hits.get(element, ()))
        self.steps_done.append(Step(element, kind, feel.host(value), rules, reasons, chinese))


class Told:
    """A record whose rows are finished evaluations."""

    def __init__(self, version: Version) -> None:
        self.version = version

    def matched(self, row: Evaluation) -> dict[str, list[str]]:
        """Copies, so that the record stays as it is."""
        return {name: list(rules) for name, rules in row.hits.items()}

    def trace(self, row: Evaluation) -> tuple[Step, ...]:
        """The steps in order."""
        return tuple(row.steps_done)

    def inputs(self, row: Evaluation) -> dict[str, Any]:
        """What was used."""
        return {name: feel.host(value) for name, value in row.used.items()}
