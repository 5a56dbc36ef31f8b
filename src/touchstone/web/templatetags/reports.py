"""Tags of the monthly report: its tables, and who signed."""

from __future__ import annotations

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from touchstone.ui.templatetags.say import say_text
from touchstone.web.naming import Naming
from touchstone.web.reports.composing import Cell, Linked, Table

register = template.Library()


@register.simple_tag
def person_of(naming: Naming, person: str) -> str:
    """A person's name in the page's language."""
    return say_text(naming.person(person))


@register.simple_tag
def report_table(table: Table) -> SafeString:
    """A table of the report; on a narrow page each row is a card."""
    heads = [say_text(head) for head in table.heads]
    head = format_html_join(
        "",
        "<th{}>{}</th>",
        ((_right(place, table), text) for place, text in enumerate(heads)),
    )
    body = format_html_join(
        "",
        "<tr data-row>{}</tr>",
        ((_row(row, heads, table),) for row in table.rows),
    )
    return format_html(
        '<div class="table-wrap"><table class="table table-cards"><thead><tr>{}</tr></thead>'
        "<tbody>{}</tbody></table></div>",
        head,
        body,
    )


def _right(place: int, table: Table) -> SafeString:
    return format_html(' class="{}"', "num") if place in table.right else format_html("{}", "")


def _said(cell: Cell) -> str | SafeString:
    if isinstance(cell, Linked):
        address = reverse("indicator", args=(cell.indicator,))
        return format_html('<a href="{}?as_of={}">{}</a>', address, cell.as_of, say_text(cell.text))
    return cell if isinstance(cell, str) else say_text(cell)


def _row(row: tuple[Cell, ...], heads: list[str], table: Table) -> SafeString:
    cells = []
    for place, cell in enumerate(row):
        said = _said(cell)
        kind = "lead" if place == 0 else "num" if place in table.right else ""
        cells.append((kind, heads[place], said))
    return format_html_join("", '<td class="{}" data-label="{}">{}</td>', cells)
