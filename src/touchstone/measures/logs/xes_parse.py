"""XES read by the parser: every form of XML, every problem with its line.

Nested attributes become columns ``parent/child``; what stands between the attributes (lists,
extensions, classifiers, globals) is passed over. A document type is refused, so no entity of the
file's own is ever expanded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

import numpy as np
import pyarrow as pa

from touchstone.measures.logs.part import CASE, Part
from touchstone.measures.logs.problems import LogBroken, Problems
from touchstone.measures.logs.values import one_kind, readable, typed

_KINDS = frozenset(("string", "date", "int", "float", "boolean", "id"))
_NESTED = _KINDS | {"list", "container"}
_DEEPEST = 100
_LONGEST = 1 << 20
_PART = 200_000


_LONGEST_VALUE = 8 << 20


@dataclass
class _Column:
    """Values of one key: row, text, type and line of each."""

    rows: list[int] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)


def _array(name: str, column: _Column, count: int, problems: Problems) -> pa.Array:
    source = np.full(count, -1, np.int64)
    source[column.rows] = np.arange(len(column.rows))
    texts = pa.array(column.texts, pa.string()).take(pa.array(source, mask=source < 0))
    try:
        return typed(texts, one_kind(column.kinds))
    except ValueError:
        pass
    for text, kind, line in zip(column.texts, column.kinds, column.lines, strict=True):
        if not readable(text, kind):
            problems.add(
                line,
                "log.wrong_type",
                f"{name}: “{text[:80]}”不是 {kind} 类型",
                f"{name}: {text[:80]!r} is not of type {kind}",
                name,
            )
    return texts


class _Reader:
    """Takes the parser's calls and gathers columns."""

    def __init__(self, problems: Problems) -> None:
        self.problems = problems
        self.parser = expat.ParserCreate()
        self.parser.ordered_attributes = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.path: list[str] = []
        self.names: list[str] = []
        self.cases_before = 0
        self.case = -1
        self._clear()

    def _clear(self) -> None:
        self.events: dict[str, _Column] = {}
        self.facts: dict[str, _Column] = {}
        self.case_of: list[int] = []
        self.first_case = self.case + 1

    def _doctype(self, *_: object) -> None:
        raise self.problems.fail(
            self.parser.CurrentLineNumber,
            "log.doctype_refused",
            "不接受带文档类型声明（DOCTYPE）的日志",
            "a log with a document type (DOCTYPE) is not read; take the declaration out",
        )

    def _start(self, tag: str, attributes: list[str]) -> None:
        name = tag.rpartition(":")[2]
        path = self.path
        path.append(name)
        depth = len(path)
        if depth == 1 and name != "log":
            raise self._fail(
                "log.not_xes", f"根元素是 <{name}>，不是 XES 日志", f"<{name}> is not an XES log"
            )
        if depth > _DEEPEST:
            raise self._fail("log.too_deep", "元素嵌套过深", "elements are nested too deeply")
        if name in _NESTED:
            self._attribute(name, depth, attributes)
        elif name == "trace" and depth == 2:
            self.case += 1
        elif name == "event" and depth == 3 and path[1] == "trace":
            self.case_of.append(self.case)

    def _attribute(self, kind: str, depth: int, attributes: list[str]) -> None:
        place = dict(zip(attributes[::2], attributes[1::2], strict=True))
        path = self.path
        if len(path) < 3 or path[1] != "trace":
            return
        in_event = path[2] == "event"
        level = depth - (4 if in_event else 3)
        key = place.get("key")
        if key is None:
            self._note("log.no_key", f"<{kind}> 缺少 key", f"<{kind}> has no key")
            key = ""
        del self.names[level:]
        self.names.append(key)
        if kind not in _KINDS:
            return
        value = place.get("value")
        if value is None:
            self._note("log.no_value", f"{key} 缺少 value", f"{key} has no value")
            return
        if len(value) > _LONGEST:
            raise self._fail("log.too_long", f"{key} 的值过长", f"the value of {key} is too long")
        columns = self.events if in_event else self.facts
        name = key if level == 0 else "/".join(self.names)
        column = columns.get(name)
        if column is None:
            column = columns[name] = _Column()
        column.rows.append(len(self.case_of) - 1 if in_event else self.case - self.first_case)
        column.texts.append(value)
        column.kinds.append(kind)
        column.lines.append(self.parser.CurrentLineNumber)

    def _end(self, tag: str) -> None:
        self.path.pop()

    def _note(self, code: str, zh: str, en: str) -> None:
        self.problems.add(self.parser.CurrentLineNumber, code, zh, en)

    def _fail(self, code: str, zh: str, en: str) -> LogBroken:
        return self.problems.fail(self.parser.CurrentLineNumber, code, zh, en)

    @property
    def full(self) -> bool:
        """Enough events for a part, and between two traces."""
        return len(self.case_of) >= _PART and len(self.path) == 1

    def part(self) -> Part:
        """What was gathered since the last part."""
        cases = self.case + 1 - self.first_case
        events = {
            name: _array(name, column, len(self.case_of), self.problems)
            for name, column in self.events.items()
        }
        facts = {
            name: _array(name, column, cases, self.problems) for name, column in self.facts.items()
        }
        numbers = pa.array(np.arange(self.first_case, self.first_case + cases))
        part = Part(
            pa.table({CASE: pa.array(self.case_of, pa.int64()), **events}),
            pa.table({CASE: numbers, **facts}),
        )
        self._clear()
        return part


def parse(chunks: Iterable[bytes], problems: Problems) -> Iterator[Part]:
    """The log in ``chunks``, in parts.

    Raises:
        LogBroken: the file is not XES, or holds values of the wrong type.
    """
    reader = _Reader(problems)
    parser = reader.parser
    try:
        for chunk in chunks:
            if len(chunk) > _LONGEST_VALUE and b">" not in chunk:
                raise problems.fail(
                    0, "log.too_large", "单个元素过长", "one element is longer than any of a log"
                )
            parser.Parse(chunk, False)
            if reader.full:
                yield reader.part()
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise problems.fail(
            error.lineno,
            "log.not_well_formed",
            f"XML 不完整或有误：{expat.ErrorString(error.code)}",
            f"the XML is broken: {expat.ErrorString(error.code)}",
        ) from None
    yield reader.part()
    problems.stop()
