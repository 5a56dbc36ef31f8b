"""What the monthly report says, before it is a page or a file: sections of sentences and tables.

Every number is the stored measurement that the board shows; the last section names what it rests on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from touchstone.improvement.queries import Asked, findings
from touchstone.journal.projections import Values
from touchstone.kernel.text import Text
from touchstone.kernel.time import at_local, to_microseconds
from touchstone.measures.queries.board import BoardPage, Row, board_page
from touchstone.measures.queries.clause import chapter_pages
from touchstone.ui.components import look
from touchstone.ui.formats import number, share
from touchstone.web.improvement.rows import FindingRow, finding_rows
from touchstone.web.naming import Naming

_MOST = 5000


@dataclass(frozen=True, slots=True)
class Linked:
    """An indicator's name, which on a page opens what it counts; ``as_of`` in ISO text."""

    text: Text
    indicator: str
    as_of: str


Cell = str | Text | Linked


@dataclass(frozen=True)
class Table:
    """Rows under heads; ``right`` names the columns of numbers, ``widths`` are shares of the page."""

    heads: tuple[Text, ...]
    rows: tuple[tuple[Cell, ...], ...]
    widths: tuple[int, ...]
    right: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Section:
    """A heading, sentences, and tables."""

    title: Text
    sentences: tuple[Text, ...] = ()
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True)
class Report:
    """A month's report; ``as_of`` is the last measured day of the month."""

    period: str
    as_of: dt.date
    title: Text
    sections: tuple[Section, ...]


def monthly_report(period: str, naming: Naming) -> Report | None:
    """The report of a month; None where the month was not measured."""
    board = board_page(period)
    if board.as_of is None or board.period != period:
        return None
    year, month = period.split("-")
    title = Text(
        f"{year} 年 {int(month)} 月服务质量月报",
        f"Monthly report of service quality, {period}",
    )
    rows = _findings(period, naming)
    sections = (
        _summary(board, rows),
        _indicators(board),
        _missed(board),
        _opened(rows, period),
        _clauses(board.as_of),
        _basis(board),
    )
    return Report(period, board.as_of, title, sections)


def _findings(period: str, naming: Naming) -> tuple[FindingRow, ...]:
    """What was open in the month, or was closed in it."""
    start, end = _bounds(period)
    found: list[Values] = []
    for state in ("open", "closed"):
        for row in findings(Asked(None, "finding", None), state=state, limit=_MOST):
            closed = row["closed_at"]
            if row["opened_at"] < end and (closed is None or closed >= start):
                found.append(row)
    return finding_rows(found, naming)


def _bounds(period: str) -> tuple[int, int]:
    first = dt.date.fromisoformat(f"{period}-01")
    following = (first + dt.timedelta(days=32)).replace(day=1)
    start, end = (to_microseconds(at_local(day, dt.time())) for day in (first, following))
    return start, end


def _counted(rows: Iterable[Row]) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in rows:
        found[row.value.status] = found.get(row.value.status, 0) + 1
    return found


def _summary(board: BoardPage, rows: Sequence[FindingRow]) -> Section:
    found = _counted(board.rows)
    met, missed = (
        found.get("met", 0),
        sum(found.get(name, 0) for name in ("missed", "warning", "critical")),
    )
    start, end = _bounds(board.period)
    opened = sum(start <= row.found["opened_at"] < end for row in rows)
    closed = sum(
        row.found["closed_at"] is not None and start <= row.found["closed_at"] < end for row in rows
    )
    still = len(rows) - closed
    return Section(
        Text("一、概要", "1 Summary"),
        (
            Text(
                f"本月计算指标 {len(board.rows)} 项，达标 {met} 项，未达标 {missed} 项，"
                f"无数据 {found.get('no_data', 0)} 项，只列示 {found.get('no_target', 0)} 项。",
                f"{len(board.rows)} indicators were computed: {met} met their target, {missed} missed"
                f" it, {found.get('no_data', 0)} had no data, {found.get('no_target', 0)} are only"
                " shown.",
            ),
            Text(
                f"本月新立问题 {opened} 件，销号 {closed} 件，月末在办 {still} 件。",
                f"{opened} findings were opened and {closed} closed in the month; {still} stood open"
                " at its end.",
            ),
        ),
    )


_HEADS = (
    Text("指标", "Indicator"),
    Text("数值", "Value"),
    Text("目标", "Target"),
    Text("计数", "Counted"),
    Text("判定", "Verdict"),
    Text("归口", "Department"),
)


def _indicator(row: Row) -> tuple[Cell, ...]:
    words, value = row.words, row.value
    title = Text(f"{words.id} {words.title.zh}", f"{words.id} {words.title.en}")
    name = Linked(title, words.id, value.as_of.isoformat() if value.as_of else "")
    counted = "—" if value.n is None else f"{number(value.numerator)} / {number(value.n)}"
    target = share(value.lines.get("target"), words.unit)
    shown = share(value.value, words.unit)
    return (name, shown, target, counted, value.status_text, words.owner_title)


def _indicators(board: BoardPage) -> Section:
    table = Table(
        _HEADS, tuple(map(_indicator, board.rows)), (34, 11, 11, 17, 12, 15), frozenset({1, 2, 3})
    )
    return Section(Text("二、指标", "2 Indicators"), (), (table,))


def _missed(board: BoardPage) -> Section:
    """The indicators that missed their target, the farthest first, with what they say."""
    wrong = [row for row in board.rows if row.value.status in ("missed", "warning", "critical")]
    wrong.sort(key=lambda row: (-(row.value.distance or 0), row.words.id))
    if not wrong:
        said = Text("本月没有未达标的指标。", "No indicator missed its target.")
        return Section(Text("三、未达标指标说明", "3 What missed its target"), (said,))
    sentences = tuple(
        Text(
            f"{row.words.id} {row.words.title.zh}：{share(row.value.value, row.words.unit)}，"
            f"目标 {share(row.value.lines.get('target'), row.words.unit)}。{row.words.definition.zh}",
            f"{row.words.id} {row.words.title.en}: {share(row.value.value, row.words.unit)}, target"
            f" {share(row.value.lines.get('target'), row.words.unit)}. {row.words.definition.en}",
        )
        for row in wrong
    )
    return Section(Text("三、未达标指标说明", "3 What missed its target"), sentences)


def _opened(rows: Sequence[FindingRow], period: str) -> Section:
    heads = (
        Text("编号", "Number"),
        Text("问题", "Finding"),
        Text("责任单位", "Unit"),
        Text("严重程度", "Severity"),
        Text("整改", "Repair"),
        Text("状态", "State"),
    )
    _, end = _bounds(period)
    lines: tuple[tuple[Cell, ...], ...] = tuple(
        (
            str(row.found["id"]),
            row.title,
            row.unit,
            look(row.found["severity"]).text,
            row.repair.number if row.repair else "—",
            look(_state_then(row, end)).text,
        )
        for row in rows
    )
    title = Text("四、问题与整改", "4 Findings and their repair")
    if not lines:
        said = Text("本月没有在办或销号的问题。", "Nothing was open or closed in the month.")
        return Section(title, (said,))
    return Section(title, (), (Table(heads, lines, (20, 30, 14, 10, 16, 10)),))


def _state_then(row: FindingRow, end: int) -> str:
    """Whether the finding was open when the month ended; what happened later is not this month's."""
    closed = row.found["closed_at"]
    return "closed" if closed is not None and closed < end else "open"


def _clauses(as_of: dt.date) -> Section:
    heads = (
        Text("章", "Chapter"),
        Text("条款", "Clauses"),
        Text("存活", "Alive"),
        Text("演示", "Demonstrated"),
        Text("豁免", "Exempted"),
        Text("未存活", "Dead"),
    )
    lines: tuple[tuple[Cell, ...], ...] = tuple(
        (
            chapter.title,
            number(len(chapter.lines)),
            *(number(chapter.counts.get(state, 0)) for state in _STATES),
        )
        for chapter in chapter_pages(as_of=as_of)
    )
    table = Table(heads, lines, (40, 12, 12, 12, 12, 12), frozenset(range(1, 6)))
    return Section(Text("五、条款存活", "5 Clauses alive"), (), (table,))


_STATES = ("alive", "demonstrated", "exempt", "dead")


def _basis(board: BoardPage) -> Section:
    return Section(
        Text("六、依据", "6 What it rests on"),
        (
            Text(
                f"数据截至 {board.as_of}，取自日志检查点 {board.watermark} 所覆盖的事件；"
                "同一检查点可以重新计算出相同的数值。标签为模拟来源的数据在看板上注明。",
                f"As of {board.as_of}, from the events that checkpoint {board.watermark} of the journal"
                " covers; counted again from it, every number is the same. Figures of a simulated"
                " source are marked on the board.",
            ),
        ),
    )
