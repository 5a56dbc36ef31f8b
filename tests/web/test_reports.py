"""The monthly report says what the board says, as a page, a Word document and a PDF."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO

import pytest
from django.test import Client
from docx import Document

from touchstone.measures.queries.board import board_page
from touchstone.ui.formats import share

LogIn = Callable[[str], Client]
Holder = Callable[..., str]
pytestmark = pytest.mark.usefixtures("bank")


def test_every_measured_month_has_its_report(as_person: LogIn, holder: Holder) -> None:
    page = as_person(holder("quality_officer")).get("/reports/").content.decode()

    for period in board_page().periods:
        assert f"/reports/{period}/report.docx" in page
        assert f"/reports/{period}/report.pdf" in page


def test_the_word_document_has_every_indicator_with_its_number(
    as_person: LogIn, holder: Holder
) -> None:
    board = board_page()
    client = as_person(holder("quality_officer"))
    body = client.get(f"/reports/{board.period}/report.docx").content

    book = Document(BytesIO(body))
    cells = {
        row.cells[0].text.split(" ")[0]: row.cells[1].text
        for table in book.tables
        for row in table.rows
    }
    assert {row.words.id: cells[row.words.id] for row in board.rows} == {
        row.words.id: share(row.value.value, row.words.unit) for row in board.rows
    }
    assert f"检查点 {board.watermark}" in "\n".join(part.text for part in book.paragraphs)


def test_the_pdf_is_one_in_either_language(as_person: LogIn, holder: Holder) -> None:
    client = as_person(holder("quality_officer"))
    period = board_page().period

    for language in ("zh", "en"):
        answer = client.get(f"/reports/{period}/report.pdf?lang={language}")
        assert answer["Content-Type"] == "application/pdf"
        assert answer.content.startswith(b"%PDF-")
        assert re.search(rb"/Count [1-9]", answer.content)


def test_there_is_no_report_of_a_month_that_was_not_measured(
    as_person: LogIn, holder: Holder
) -> None:
    client = as_person(holder("quality_officer"))

    assert client.get("/reports/1999-01/").status_code == 404
    assert client.get(f"/reports/{board_page().period}/report.exe").status_code == 404


def test_who_may_not_read_the_board_gets_no_report(as_person: LogIn, holder: Holder) -> None:
    client = as_person(holder("acceptance_clerk", "b11"))

    assert client.get("/reports/").status_code == 403
