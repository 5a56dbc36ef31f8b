"""A table rewritten row by row, and what then differs."""

from __future__ import annotations

import pytest

from tests.decisions.models import decision, definitions, input_data, table
from touchstone.decisions import load_bytes
from touchstone.decisions.differing import differences
from touchstone.decisions.dmn import read_definitions
from touchstone.decisions.model import Definitions
from touchstone.decisions.revising import Row, rewritten, rows_of
from touchstone.kernel.refusal import Refusal

XML = definitions(
    input_data("amount")
    + decision(
        "who",
        table(
            [("amount", "number")],
            [("who", "string")],
            [["< 100", '"clerk"'], ["[100..500)", '"head"'], [">= 500", '"board"']],
        ),
        ["i amount"],
    )
)


def read(xml: bytes) -> Definitions:
    found = read_definitions(xml, "m.dmn")
    assert isinstance(found, Definitions), found
    return found


def test_rows_that_nobody_changed_come_out_as_they_were() -> None:
    again = rewritten(XML, "d who", rows_of(XML, "d who"))

    assert rows_of(again, "d who") == rows_of(XML, "d who")
    assert all(change.is_same for change in differences(read(XML), read(again)))


def test_a_changed_an_added_a_moved_and_a_removed_row_are_told_apart() -> None:
    _, second, third = rows_of(XML, "d who")
    new = Row("", ("[200..500)", '"deputy"'))
    changed = Row(second.id, ("[100..200)", second.cells[1]))

    made = rewritten(XML, "d who", [third, changed, new])
    (change,) = differences(read(XML), read(made))

    told = {(row.how, row.before, row.after): row for row in change.rows}
    assert set(told) == {
        ("removed", 0, None),
        ("same", 2, 0),
        ("changed", 1, 1),
        ("added", None, 2),
    }
    assert told["changed", 1, 1].cells == {0}
    assert [row.is_moved for row in change.rows if row.how in ("same", "changed")].count(True) == 1
    model = load_bytes(made, "m.dmn")
    assert [model.evaluate("who", {"amount": n}).value for n in (99, 150, 300, 500)] == [
        None,
        "head",
        "deputy",
        "board",
    ]


def test_marks_in_a_cell_stay_text() -> None:
    first, second, third = rows_of(XML, "d who")
    hostile = '"</text></outputEntry><x/>&amp;<script>"'

    made = rewritten(XML, "d who", [first, second, Row(third.id, (third.cells[0], hostile))])

    assert rows_of(made, "d who")[2].cells[1] == hostile
    assert b"<script>" not in made


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([Row("r1", ("-",))], "decisions.wrong_rows"),
        ([Row("nobody", ("-", '"x"'))], "decisions.wrong_rows"),
        ([Row("r1", ("-", '"x"')), Row("r1", ("-", '"x"'))], "decisions.wrong_rows"),
        ([Row("r1", ("-", "\x00"))], "decisions.cell"),
        ([Row("r1", ("-", "x" * 2001))], "decisions.cell"),
        ([Row("", ("-", '"x"'))] * 501, "decisions.wrong_rows"),
    ],
)
def test_what_is_no_set_of_rows_is_refused(rows: list[Row], code: str) -> None:
    with pytest.raises(Refusal) as refused:
        rewritten(XML, "d who", rows)

    assert refused.value.code == code


def test_a_table_that_is_not_there_is_refused() -> None:
    for xml, name in ((XML, "d nobody"), (XML, ""), (b"<a>", "d who")):
        with pytest.raises(Refusal):
            rows_of(xml, name)
