"""A report as a file: DOCX to go on working with, PDF to keep. Pure but for the clock in the file's head."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from xml.sax.saxutils import escape

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer
from reportlab.platypus import Table as Grid

from touchstone.kernel.text import Text
from touchstone.web.reports.composing import Cell, Linked, Report, Section, Table

Say = Callable[[Text], str]
_FONT = "STSong-Light"  # every reader of PDF has it; nothing is embedded, nothing is downloaded
_WIDTH_CM, _LINE = 17.0, HexColor("#c8ccd4")


def _said(cell: Cell, say: Say) -> str:
    if isinstance(cell, str):
        return cell
    return say(cell.text if isinstance(cell, Linked) else cell)


def _drawn(text: str) -> str:
    """Escaped for a paragraph; the sign per ten thousand is not in the font."""
    return escape(text.replace("‱", "/10,000"))


def docx_of(report: Report, signers: Table, say: Say) -> bytes:
    """The report as a Word document."""
    book = Document()
    style = book.styles["Normal"]
    style.font.name, style.font.size = "Times New Roman", Pt(10.5)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), "宋体")
    for section in book.sections:
        section.page_width, section.page_height = Cm(21), Cm(29.7)
        section.left_margin = section.right_margin = Cm(2)
    book.core_properties.title = say(report.title)
    book.core_properties.author = ""
    book.add_heading(say(report.title), 0)
    for part in report.sections:
        book.add_heading(say(part.title), 1)
        for sentence in part.sentences:
            book.add_paragraph(say(sentence))
        for table in part.tables:
            _docx_table(book, table, say)
    book.add_heading(say(_SIGNED), 1)
    _docx_table(book, signers, say)
    kept = BytesIO()
    book.save(kept)
    return kept.getvalue()


_SIGNED = Text("签署", "Signed by")


def _docx_table(book: WordDocument, table: Table, say: Say) -> None:
    grid = book.add_table(rows=1, cols=len(table.heads))
    grid.style = "Light Grid Accent 1"
    for place, head in enumerate(table.heads):
        grid.rows[0].cells[place].text = say(head)
    for row in table.rows:
        cells = grid.add_row().cells
        for place, cell in enumerate(row):
            cells[place].text = _said(cell, say)
    for line in grid.rows:
        for place, cell in enumerate(line.cells):
            cell.width = Cm(_WIDTH_CM * table.widths[place] / 100)
            for paragraph in cell.paragraphs:
                paragraph.paragraph_format.space_after = Pt(0)
                if place in table.right:
                    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
                for run in paragraph.runs:
                    run.font.size = Pt(8.5)


def pdf_of(report: Report, signers: Table, say: Say) -> bytes:
    """The report as a PDF of A4 pages."""
    if _FONT not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(UnicodeCIDFont(_FONT))
    body = ParagraphStyle("body", fontName=_FONT, fontSize=10, leading=15, wordWrap="CJK")
    small = ParagraphStyle("small", parent=body, fontSize=8, leading=11)
    right = ParagraphStyle("right", parent=small, alignment=TA_RIGHT)
    heading = ParagraphStyle("heading", parent=body, fontSize=13, leading=20, spaceBefore=10)
    title = ParagraphStyle("title", parent=body, fontSize=18, leading=26, spaceAfter=8)

    def grid(table: Table) -> Flowable:
        cells = [
            [
                Paragraph(_drawn(say(head)), right if place in table.right else small)
                for place, head in enumerate(table.heads)
            ]
        ]
        cells += [
            [
                Paragraph(_drawn(_said(cell, say)), right if place in table.right else small)
                for place, cell in enumerate(row)
            ]
            for row in table.rows
        ]
        widths = [_WIDTH_CM * 28.35 * part / sum(table.widths) for part in table.widths]
        drawn = Grid(cells, colWidths=widths, repeatRows=1)
        drawn.setStyle(
            [
                ("LINEBELOW", (0, 0), (-1, -1), 0.4, _LINE),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
                ("BACKGROUND", (0, 0), (-1, 0), HexColor("#eef1f6")),
            ]
        )
        return drawn

    flow: list[Flowable] = [Paragraph(escape(say(report.title)), title)]
    for part in (*report.sections, Section(_SIGNED, (), (signers,))):
        flow.append(Paragraph(escape(say(part.title)), heading))
        flow += [Paragraph(_drawn(say(sentence)), body) for sentence in part.sentences]
        for table in part.tables:
            flow += [Spacer(1, 4), grid(table)]
    kept = BytesIO()
    margin = 2 * 28.35
    SimpleDocTemplate(
        kept,
        pagesize=A4,
        leftMargin=margin,
        rightMargin=margin,
        topMargin=margin,
        bottomMargin=margin,
        title=say(report.title),
        author="",
    ).build(flow)
    return kept.getvalue()
