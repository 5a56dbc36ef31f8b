"""The ledger of rectification (整改台账) as a spreadsheet, in the columns that banks keep."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from io import BytesIO

import xlsxwriter

from touchstone.kernel.text import Text
from touchstone.kernel.time import INSTITUTION_ZONE, from_microseconds
from touchstone.process.finding import KnownCase
from touchstone.ui.components import look
from touchstone.web.improvement.rows import FindingRow

Cell = str | int | dt.date | None
_COLUMNS: tuple[tuple[Text, int, Callable[[FindingRow, Callable[[Text], str]], Cell]], ...] = (
    (Text("编号", "Number"), 18, lambda row, say: row.found["id"]),
    (Text("来源", "Source"), 12, lambda row, say: say(row.source)),
    (Text("责任单位", "Unit"), 14, lambda row, say: say(row.unit)),
    (Text("问题", "Finding"), 34, lambda row, say: say(row.title)),
    (Text("定性依据", "Clause"), 10, lambda row, say: row.found["clause"]),
    (Text("立项缘由", "Why"), 18, lambda row, say: say(row.why)),
    (Text("严重程度", "Severity"), 10, lambda row, say: say(look(row.found["severity"]).text)),
    (Text("归口部门", "Department"), 14, lambda row, say: say(row.owner)),
    (Text("立项日期", "Opened"), 12, lambda row, say: _day(row.found["opened_at"])),
    (Text("整改业务", "Repair"), 20, lambda row, say: _number(row.repair)),
    (Text("纠正与预防", "Action"), 20, lambda row, say: _number(row.action)),
    (Text("根因", "Cause"), 14, lambda row, say: say(row.cause)),
    (Text("复发次数", "Recurrences"), 10, lambda row, say: row.found["recurrences"]),
    (Text("状态", "State"), 10, lambda row, say: say(look(row.found["state"]).text)),
    (Text("销号日期", "Closed"), 12, lambda row, say: _day(row.found["closed_at"])),
    (Text("销号依据", "How closed"), 22, lambda row, say: say(row.how)),
)


def _day(instant: int | None) -> dt.date | None:
    if instant is None:
        return None
    return from_microseconds(instant).astimezone(INSTITUTION_ZONE).date()


def _number(case: KnownCase | None) -> str | None:
    return case.number if case else None


def ledger_of(rows: Iterable[FindingRow], title: Text, say: Callable[[Text], str]) -> bytes:
    """An XLSX file of one sheet; text is never taken for a formula or a link.

    Args:
        say: gives a text in the reader's language.
    """
    kept = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(kept, options) as book:
        sheet = book.add_worksheet(say(title))
        head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True})
        day = book.add_format({"num_format": "yyyy-mm-dd", "align": "left"})
        for place, (name, width, _) in enumerate(_COLUMNS):
            sheet.set_column(place, place, width)
            sheet.write_string(0, place, say(name), head)
        for number, row in enumerate(rows, 1):
            for place, value in enumerate(_cells(row, say)):
                if isinstance(value, dt.date):
                    sheet.write_datetime(number, place, dt.datetime.combine(value, dt.time()), day)
                elif value is not None:
                    sheet.write(number, place, value)
        sheet.freeze_panes(1, 1)
    return kept.getvalue()


def _cells(row: FindingRow, say: Callable[[Text], str]) -> Sequence[Cell]:
    return [read(row, say) for _, _, read in _COLUMNS]
