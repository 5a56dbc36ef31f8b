"""The outermost step of the API: no cookies in or out, bounded bodies, and every error a problem."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from touchstone.api.caller import not_found
from touchstone.api.problems import CONTENT_TYPE, bad_request, no_token, problem
from touchstone.kernel.refusal import Refusal, refuse

BASE = "/api/v1/"
MOST_BYTES = 256 * 1024
_DEEPEST = 24
_LARGEST = 2**63 - 1
_HALF_CHARACTER = re.compile("[\x00\ud800-\udfff]")


class ApiEdge:
    """Wraps everything under ``/api/v1/``; pages pass untouched."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, or say what is wrong with the request before anybody looks at it."""
        if not request.path.startswith(BASE):
            return self._next(request)
        # Only the token says who calls: a browser's log-in counts for nothing here.
        request.COOKIES.clear()
        wrong = _wrong(request)
        if wrong is not None:
            return problem(request, wrong)
        answer = self._next(request)
        answer.cookies.clear()
        answer.headers.setdefault("Cache-Control", "no-store")
        if answer.status_code >= 400 and answer.headers.get("Content-Type") != CONTENT_TYPE:
            return _as_problem(request, answer)
        return answer


def _wrong(request: HttpRequest) -> Refusal | None:
    if "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
        return bad_request()
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not (length.isascii() and length.isdigit()):
        return bad_request()
    if int(length) > MOST_BYTES:
        return refuse(
            "api.too_large",
            f"请求超过 {MOST_BYTES // 1024} KB",
            f"The request is larger than {MOST_BYTES // 1024} KB",
        )
    if int(length) and request.method in ("POST", "PUT", "PATCH", "DELETE"):
        return _wrong_body(request)
    return None


def _wrong_body(request: HttpRequest) -> Refusal | None:
    if request.content_type != "application/json":
        return refuse("api.not_json", "请求内容须为 application/json", "A body is application/json")
    try:
        body = json.loads(request.body)
        _check(body, 0)
    except (ValueError, RecursionError):
        return bad_request()
    return None


def _check(value: Any, depth: int) -> None:
    """Refuse what no fact of the journal can hold.

    Raises:
        ValueError: a float, an integer beyond 64 bits, half a character, or a tree too deep.
    """
    if depth > _DEEPEST:
        raise ValueError("too deep")
    if isinstance(value, float) or (
        isinstance(value, int) and not isinstance(value, bool) and abs(value) > _LARGEST
    ):
        raise ValueError("no such number")
    if isinstance(value, str) and _HALF_CHARACTER.search(value):
        raise ValueError("no such character")
    if isinstance(value, list):
        for item in value:
            _check(item, depth + 1)
    if isinstance(value, dict):
        for name, item in value.items():
            _check(name, depth + 1)
            _check(item, depth + 1)


def _as_problem(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    """What Django itself says no to, in the same words as everything else."""
    by_status = {400: bad_request, 401: no_token, 404: not_found}
    make = by_status.get(answer.status_code)
    if make is not None:
        said = make()
    elif answer.status_code == 405:
        said = refuse("api.no_such_method", "不支持该请求方法", "There is no such method here")
    else:
        said = refuse("api.failed", "服务暂时出错", "Something failed on our side")
    shown = problem(request, said)
    shown.status_code = answer.status_code
    if answer.has_header("Allow"):
        shown["Allow"] = answer["Allow"]
    return shown
