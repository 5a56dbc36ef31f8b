"""Views of a draft: change the rows, see what is wrong and what changes, hand it in for a revision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from touchstone.decisions.content import TableDecision
from touchstone.decisions.revising import Row, rewritten, rows_of
from touchstone.kernel.problem import Problem
from touchstone.kernel.refusal import Refusal, refuse
from touchstone.kernel.text import Text
from touchstone.kernel.time import day_of
from touchstone.kernel.xml import read_root
from touchstone.process.actions.filling import AtStart
from touchstone.process.actions.proposals import (
    MOST_BYTES,
    REVISION,
    discard_proposal,
    hand_in_proposal,
    save_proposal,
)
from touchstone.web.access import staff_page
from touchstone.web.acting import context_of, done, new_key
from touchstone.web.decisions.proposing import (
    Grid,
    checked,
    desk_of,
    grid_of,
    own_proposal,
    rearranged,
    typed_rows,
)
from touchstone.web.decisions.reading import day_shown, fields_of, table_now
from touchstone.web.decisions.tables import TableView, table_views
from touchstone.web.filling import answered
from touchstone.web.request import PageRequest


@staff_page()
@require_http_methods(["GET", "POST"])
def draft(request: PageRequest, identity: str) -> HttpResponse:
    """The rows as a grid; saved, they are a draft and nothing more."""
    desk_of(request.visitor)
    current = table_now(identity)
    if request.method == "GET":
        return _page(request, current)
    rows: tuple[Row, ...] | None = None
    try:
        if request.POST.get("do") == "discard":
            discard_proposal(context_of(request).with_key(None), identity)
            words = Text("草稿已删除", "The draft is gone")
            return done(request, words, reverse("decision", args=[identity]))
        if request.POST.get("do") == "upload":
            content = uploaded(request)
        else:
            content, rows = _typed(request, current)
        _save(request, current, content)
    except Refusal as refusal:
        return _page(request, current, rows=rows, refusal=refusal, status=422)
    table = request.POST.get("table", "")
    address = f"{reverse('decision_draft', args=[identity])}?table={table}"
    return done(request, Text("草稿已保存", "The draft is kept"), address)


def uploaded(request: PageRequest) -> bytes:
    """The file that was sent.

    Raises:
        Refusal: ``decisions.no_file``, ``decisions.not_readable``, ``process.draft_too_large``.
    """
    file = request.FILES.get("file")
    if file is None or isinstance(file, list):
        raise refuse("decisions.no_file", "请选择一个 .dmn 文件", "Choose a .dmn file")
    content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise refuse("process.draft_too_large", "文件过大", "The file is too large")
    root = read_root(content, file.name or "", "decisions")
    if isinstance(root, Problem):
        raise refuse(
            "decisions.not_readable",
            f"文件无法读取：{root.text.zh}",
            f"The file cannot be read: {root.text.en}",
        )
    return bytes(content)


def _typed(request: PageRequest, current: TableDecision) -> tuple[bytes, tuple[Row, ...]]:
    """The draft with what was typed, and the rows as they were typed."""
    known = own_proposal(request, current.id)
    content = known.content if known else current.content
    view = _table(request, current)
    width = len(rows_of(content, view.id)[0].cells)
    rows = rearranged(typed_rows(request, width), request.POST.get("do", ""), len(view.inputs))
    return rewritten(content, view.id, rows), rows


def _save(request: PageRequest, current: TableDecision, content: bytes) -> None:
    text = request.POST.get("version", "0")
    version = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
    unit = desk_of(request.visitor).units[0][0]
    context = context_of(request).with_key(None)
    save_proposal(context, current.id, unit, content, current.sha256, version)


def _table(request: PageRequest, current: TableDecision) -> TableView:
    """The table that the request names, by default the one that has the last word."""
    today = day_of(request.now)
    views = table_views(current, day_shown(current, today), fields_of(current.id))
    wanted = request.POST.get("table") or request.GET.get("table")
    return next((view for view in views if view.id == wanted), views[0])


def _page(
    request: PageRequest,
    current: TableDecision,
    *,
    rows: tuple[Row, ...] | None = None,
    typed: Mapping[str, Any] | None = None,
    errors: Mapping[str, Text] | None = None,
    refusal: Refusal | None = None,
    status: int = 200,
) -> HttpResponse:
    known = own_proposal(request, current.id)
    content = known.content if known else current.content
    view = _table(request, current)
    today = day_of(request.now)
    try:
        grid: Grid | None = grid_of(content, view)
    except Refusal as refused:
        grid, refusal = None, refusal or refused
    if grid and rows is not None:
        grid = replace(grid, rows=rows)
    deployed = desk_of(request.visitor).deployed
    clause = next(iter(current.clauses), "")
    page = {
        "decision": current,
        "draft": known,
        "is_old": known is not None and known.base != current.sha256,
        "tables": table_views(current, day_shown(current, today), fields_of(current.id)),
        "grid": grid,
        "checked": checked(current, content, today) if known else None,
        "form": deployed.forms[deployed.procedure.start.form or ""],
        "procedure": deployed.procedure,
        "typed": typed if typed is not None else {"change_class": "material", "clause_ref": clause},
        "errors": errors or {},
        "refusal": refusal,
        "version": known.version if known else 0,
        "key": new_key(),
    }
    return render(request, "web/decisions/draft.html", page, status=status)


@staff_page()
@require_POST
def propose(request: PageRequest, identity: str) -> HttpResponse:
    """Begin a revision with the draft among its papers."""
    counter = desk_of(request.visitor)
    current = table_now(identity)
    unit = counter.units[0][0]
    form = counter.deployed.forms[counter.deployed.procedure.start.form or ""]
    given = answered(request, AtStart(REVISION, unit), form)
    if given.errors or given.reshaped:
        return _page(request, current, typed=given.typed, errors=given.errors, status=422)
    try:
        case = hand_in_proposal(context_of(request), identity, unit, given.values)
    except Refusal as refusal:
        return _page(request, current, typed=given.typed, refusal=refusal, status=422)
    return HttpResponseRedirect(reverse("receipt", args=[case]))
