"""What a refusal looks like over HTTP: a problem of RFC 9457 in the language that was asked for."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse

from touchstone.kernel.refusal import Refusal, refuse
from touchstone.kernel.text import Language

CONTENT_TYPE = "application/problem+json"
# Everything else that the business refuses is 422.
_STATUS = {
    "api.bad_request": 400,
    "api.no_token": 401,
    "api.scope_needed": 403,
    "api.not_found": 404,
    "api.no_such_method": 405,
    "api.too_large": 413,
    "api.not_json": 415,
    "api.not_multipart": 415,
    "api.too_many_requests": 429,
    "api.failed": 500,
    "identity.not_permitted": 403,
    "journal.busy": 409,
    "evidence.too_large": 413,
    "measures.no_such_scope": 404,
    "process.already_signed": 409,
    "process.case_ended": 409,
    "process.claimed_by_other": 409,
    "process.delegated": 409,
    "process.draft_changed": 409,
    "process.no_such_case": 404,
    "process.no_such_task": 404,
    "process.not_a_signer": 403,
    "process.not_delegated": 409,
    "process.not_permitted": 403,
    "process.not_yours": 403,
    "process.same_person": 403,
    "process.task_not_open": 409,
    "process.too_late": 409,
    "service.no_gateway": 404,
    "service.no_such_message": 404,
    "service.no_such_subscription": 404,
    "service.not_sent": 409,
    "service.not_signed": 401,
    "service.wrong_signature": 401,
    "service.wrong_time": 401,
    "standard.no_such_parameter": 404,
}


def status_of(refusal: Refusal) -> int:
    """The HTTP status that a refusal answers with."""
    return _STATUS.get(refusal.code, 422)


def language_of(request: HttpRequest) -> Language:
    """The language a caller prefers; Chinese where he says nothing."""
    wanted: list[tuple[float, int, str]] = []
    for place, item in enumerate(request.headers.get("Accept-Language", "")[:200].split(",")):
        name, _, weight = item.strip().partition(";q=")
        try:
            wanted.append((-float(weight or 1), place, name.lower()))
        except ValueError:
            continue
    for _, _, name in sorted(wanted):
        if name.startswith("zh"):
            return "zh"
        if name.startswith("en"):
            return "en"
    return "zh"


def problem(
    request: HttpRequest, refusal: Refusal, *, errors: list[dict[str, str]] | None = None
) -> HttpResponse:
    """The answer that says no: what, why, which clause, what to do now."""
    language, status = language_of(request), status_of(refusal)
    said: dict[str, Any] = {
        "type": f"urn:touchstone:problem:{refusal.code}",
        "title": refusal.text.in_language(language),
        "status": status,
        "code": refusal.code,
        "clause": refusal.clause,
        "remedy": refusal.remedy.in_language(language) if refusal.remedy else None,
    }
    if errors:
        said["errors"] = errors
    answer = HttpResponse(
        json.dumps(said, ensure_ascii=False), status=status, content_type=CONTENT_TYPE
    )
    answer["Content-Language"] = language
    if status == 401:
        answer["WWW-Authenticate"] = "Bearer"
    if status == 429:
        answer["Retry-After"] = "60"
    return answer


def no_token() -> Refusal:
    """Nobody known: no token, or one that is unknown, expired or revoked."""
    return refuse(
        "api.no_token",
        "需要有效的访问令牌",
        "A valid access token is needed",
        remedy_zh="请在 Authorization: Bearer 中携带未过期的令牌",
        remedy_en="Send a token that has not run out in Authorization: Bearer",
    )


def bad_request() -> Refusal:
    """What was sent is not what the document describes."""
    return refuse(
        "api.bad_request",
        "请求内容不符合接口文档",
        "The request is not as the document describes",
        remedy_zh="请对照 /api/docs 检查所列各项",
        remedy_en="Check the places named against /api/docs",
    )
