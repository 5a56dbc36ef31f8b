"""The outermost step of the API: no cookies in or out, bounded bodies, and every error a problem."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from touchstone.api.build import document
from touchstone.api.caller import not_found
from touchstone.api.problems import CONTENT_TYPE, bad_request, no_token, problem
from touchstone.kernel.refusal import Refusal, refuse

BASE = "/api/v1/"
MOST_BYTES = 256 * 1024
_DEEPEST = 24
# Beside the file: names of fields and boundaries.
_MULTIPART_BYTES = 64 * 1024
_LARGEST = 2**63 - 1
# NUL, which PostgreSQL does not take, and half a pair of surrogates.
_UNKEEPABLE = re.compile("[\x00\ud800-\udfff]")


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
        answer = self._answered(request)
        # Pages get theirs from a middleware that answers made out here never reach.
        answer.headers.setdefault("X-Frame-Options", "DENY")
        return answer

    def _answered(self, request: HttpRequest) -> HttpResponse:
        wrong = _wrong(request)
        if wrong is not None:
            return problem(request, wrong)
        answer = self._next(request)
        answer.cookies.clear()
        answer.headers.setdefault("Cache-Control", "no-store")
        if answer.status_code >= 400 and answer.headers.get("Content-Type") != CONTENT_TYPE:
            return _as_problem(request, answer)
        return answer

    def process_view(
        self, request: HttpRequest, view: object, args: object, kwargs: object
    ) -> HttpResponse | None:
        """A filter that does not exist is an error: ignored, it would show more than was asked for."""
        match = request.resolver_match
        if match is None or not request.path.startswith(BASE):
            return None
        path = "/" + match.route.replace("<", "{").replace(">", "}")
        operation = document()["paths"].get(path, {}).get((request.method or "").lower())
        if operation is None:
            return None
        known = {item["name"] for item in operation.get("parameters", ()) if item["in"] == "query"}
        unknown = sorted(set(request.GET) - known)
        errors = [{"place": f"query.{name[:100]}", "text": "unknown"} for name in unknown[:50]]
        return problem(request, bad_request(), errors=errors) if unknown else None


def _wrong(request: HttpRequest) -> Refusal | None:
    if "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
        return bad_request()
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not (length.isascii() and length.isdigit()):
        return bad_request()
    is_upload = request.path.endswith("/files")
    most = settings.EVIDENCE_MAX_BYTES + _MULTIPART_BYTES if is_upload else MOST_BYTES
    if int(length) > most:
        return refuse(
            "api.too_large",
            f"请求超过 {most // 1024} KB",
            f"The request is larger than {most // 1024} KB",
        )
    if is_upload and request.method == "POST":
        return None if request.content_type == "multipart/form-data" else _not_a_file()
    if int(length) and request.method in ("POST", "PUT", "PATCH", "DELETE"):
        return _wrong_body(request)
    return None


def _wrong_body(request: HttpRequest) -> Refusal | None:
    if request.content_type != "application/json":
        return refuse("api.not_json", "请求内容须为 application/json", "A body is application/json")
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError):
        return bad_request()
    return None if _can_be_kept(body, 0) else _unkeepable()


def _can_be_kept(value: Any, depth: int) -> bool:
    """Whether a fact of the journal can hold ``value``: no float, no half character, no deep tree."""
    if depth > _DEEPEST or isinstance(value, float):
        return False
    if isinstance(value, int):
        return abs(value) <= _LARGEST
    if isinstance(value, str):
        return _UNKEEPABLE.search(value) is None
    if isinstance(value, dict):
        return all(
            _can_be_kept(name, depth) and _can_be_kept(item, depth + 1)
            for name, item in value.items()
        )
    return not isinstance(value, list) or all(_can_be_kept(item, depth + 1) for item in value)


def _not_a_file() -> Refusal:
    return refuse(
        "api.not_multipart",
        "上传文件须使用 multipart/form-data",
        "A file is sent as multipart/form-data",
    )


def _unkeepable() -> Refusal:
    return refuse(
        "api.bad_value",
        "内容中有无法留存的值：浮点数、超过 64 位的整数、控制字符或过深的嵌套",
        "It holds a value that cannot be kept: a floating-point number, an integer beyond 64 bits,"
        " half a character, or a tree too deep",
        remedy_zh="金额和小数请写成文本",
        remedy_en="Write amounts and decimals as text",
    )


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
