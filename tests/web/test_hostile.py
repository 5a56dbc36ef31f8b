"""What hostile people try: forged forms, scripts in every free text, files, redirects, paths, fields, guesses."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote, urljoin

import pytest
from django.conf import settings as house_settings
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.template import Context, Template
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.evidence import samples
from tests.web.test_authorisation import TABLE, House, address, house
from touchstone.evidence import folder
from touchstone.journal.queries import journal_size
from touchstone.kernel.forms import Form
from touchstone.packs.catalogue import catalogue
from touchstone.process.deployment import deployment
from touchstone.simulation.run import Simulation

__all__ = ["house"]
LogIn = Callable[[str], Client]
Holder = Callable[..., str]
MARK = "zq7xss"
SCRIPT = f"'\"><img src=x onerror={MARK}(1)></textarea><script>{MARK}(2)</script>{{{{7*7}}}}"
RAW = (f"<img src=x onerror={MARK}", f"<script>{MARK}", f"'\"><img src=x onerror={MARK}")
CHANGING = r'"X-CSRFToken": "\w+"|value="[\w-]+"|data-now="\d+"|<time.*</time>'
ELSEWHERE = (
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example/",
    "\\\\evil.example",
    "javascript:alert(1)",
    " //evil.example",
    "/\t/evil.example",
    "http:///evil.example",
)


def every_address() -> list[tuple[str, Any]]:
    """Every address that is served, the log-in's too, with something in each place."""

    def walk(resolver: URLResolver, before: str) -> Iterator[tuple[str, URLPattern]]:
        for item in resolver.url_patterns:
            at = before + str(item.pattern)
            if isinstance(item, URLResolver):
                yield from walk(item, at)
            else:
                yield at, item

    found = []
    for route, item in walk(get_resolver(), "/"):
        at = re.sub(r"<int:\w+>", "1", route)
        at = re.sub(r"<[^>]+>", "x-1", at)
        found.append((re.sub(r"\(\?P\S+\)|[\^$]|\\Z", "", at), item.callback))
    return found


# Forged requests.


def test_no_form_is_taken_without_its_token_or_with_another_sessions(
    as_person: LogIn, holder: Holder
) -> None:
    person = holder("system_administrator")
    as_person(person)
    strict = Client(enforce_csrf_checks=True, raise_request_exception=False)
    strict.cookies = as_person(person).cookies
    other = Client(enforce_csrf_checks=True)
    other.get("/account/login/")
    before, asked = journal_size()[0], 0
    for at, _ in every_address():
        if at.startswith("/api/"):
            continue
        for token in ("", "x" * 64, other.cookies["csrftoken"].value):
            answer = strict.post(at, {"csrfmiddlewaretoken": token} if token else {})
            if answer.status_code == 404 and "//" in at:
                continue  # an address that stands for nothing
            assert answer.status_code == 403, at
            assert "页面已失效" in answer.content.decode(), at
        asked += 1
    assert asked > 100
    assert journal_size()[0] == before


def test_only_the_api_goes_without_and_it_takes_no_cookie() -> None:
    free = {at for at, view in every_address() if getattr(view, "csrf_exempt", False)}

    assert free
    assert all(at.startswith("/api/v1/") for at in free), free


# Scripts in free text.


@dataclass
class Found:
    """One form of a page: where it goes and what it holds."""

    action: str
    method: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    free: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)


class Forms(HTMLParser):
    """Every form of a page, filled: hostile words wherever words may be written."""

    def __init__(self, at: str) -> None:
        super().__init__()
        self.at, self.found, self._select = at, list[Found](), ""
        self._open: Found | None = None
        self._named: dict[str, Found] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            action = urljoin(self.at, told.get("action", ""))
            self._open = Found(action, told.get("method", "get").lower())
            self.found.append(self._open)
            self._named[told.get("id", "")] = self._open
        form = self._named.get(told["form"]) if told.get("form") else self._open
        if form is None:
            return
        name, kind = told.get("name", ""), told.get("type", "text")
        if tag == "select":
            self._select = name
        elif tag == "option" and self._select and told.get("value"):
            form.fields.setdefault(self._select, [told["value"]])
        elif tag == "textarea" and name:
            self._free(form, name)
        elif tag == "button" and name:
            form.fields.setdefault(name, [told.get("value", "")])
        elif tag == "input" and name:
            self._input(form, name, kind, told)

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        elif tag == "form":
            self._open = None

    def _input(self, form: Found, name: str, kind: str, told: dict[str, str]) -> None:
        if kind == "file":
            form.files.append(name)
        elif kind in ("checkbox", "radio"):
            form.fields.setdefault(name, [told.get("value", "on")])
        elif kind == "hidden" or kind in ("date", "time", "datetime-local", "number"):
            value = told.get("value") or {"number": "1", "date": "2026-01-05"}.get(kind, "")
            form.fields.setdefault(name, [value])
        else:
            self._free(form, name)

    def _free(self, form: Found, name: str) -> None:
        form.fields[name] = [SCRIPT]
        form.free.append(name)


WALKERS = (
    *("acceptance_clerk", "account_manager", "outlet_head", "branch_head", "quality_officer"),
    *("business_supervisor", "compliance_officer", "internal_auditor", "post_reviewer"),
    *("system_administrator", "security_administrator", "callback_officer"),
)


def unescaped(page: str) -> list[str]:
    return [raw for raw in RAW if raw in page]


def test_no_script_gets_through_any_form_of_any_page(house: House) -> None:
    """Walks the forms of every page, sends hostile words with each, then reads every page again."""
    clients = [house.clients[house.staff[post].id] for post in WALKERS]
    clients.append(house.clients[f"customer:{house.customers[0]}"])
    filled: set[tuple[str, str]] = set()
    shown = 0
    places = {name: address(name, house) for name, rows in TABLE.items() if "get" in rows[0]}
    done: set[str] = set()
    for client in clients:
        for at in places.values():
            answer = client.get(at)
            if answer.status_code != 200 or "html" not in answer.headers["Content-Type"]:
                continue
            for form in forms_of(answer.content.decode(), at):
                shape = f"{form.action}{sorted(form.fields)}"
                if not form.free or shape in done or form.action.startswith("/account/"):
                    continue
                done.add(shape)
                said = getattr(client, form.method)(form.action, form.fields, follow=True)
                assert said.status_code < 500, form.action
                page = said.content.decode()
                assert not unescaped(page), (form.action, form.free)
                shown += MARK in page
                filled |= {(re.sub(r"\w*\d\w*", "#", form.action), name) for name in form.free}
    assert len(filled) > 40, sorted(filled)
    assert shown > 12
    assert stored() > 1  # most of what was typed lies sealed
    # Read again by who reads most, and by the customer.
    readers = [house.staff[post].id for post in ("quality_officer", "internal_auditor")]
    for actor in (*readers, f"customer:{house.customers[0]}"):
        for at in places.values():
            answer = house.clients[actor].get(at)
            if "html" in answer.headers["Content-Type"]:
                assert not unescaped(answer.content.decode(errors="replace")), at
            else:  # data: no browser takes it for a page
                assert answer.headers["X-Content-Type-Options"] == "nosniff", at


def forms_of(page: str, at: str) -> list[Found]:
    reader = Forms(at)
    reader.feed(page)
    return reader.found


def stored() -> int:
    """How many events hold the hostile words, in clear."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM journal_event WHERE payload LIKE %s", (f"%{MARK}%",))
        return int(cursor.fetchone()[0])


def test_no_script_gets_through_any_form_of_any_procedure(bank: Simulation) -> None:
    """Every field of every form, as it is shown again to who filled it in."""
    drawn = Template("{% load forms %}{% form_fields form typed errors %}")
    count = 0
    for slug in catalogue().objects("procedure"):
        for form in deployment(catalogue().version, slug).forms.values():
            names = free_fields(form)
            typed = dict.fromkeys(names, SCRIPT)
            page = drawn.render(Context({"form": form, "typed": typed, "errors": {}}))
            assert not unescaped(page), (slug, form)
            assert page.count(f"onerror={MARK}") >= len(names), (slug, names)
            count += len(names)
    assert count > 60


def free_fields(form: Form) -> list[str]:
    return [item.name for item in form.fields if item.kind in ("text", "long_text")]


# Files.
POLYGLOT = b"GIF89a/*<script>alert(1)</script>*/=1;" + samples.PDF
FILES = {
    "page.html": b"<!doctype html><script>alert(1)</script>",
    "picture.svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "picture.png": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "polyglot.pdf": POLYGLOT,
    "programme.pdf": b"MZ\x90\x00\x03" + b"\0" * 200,
    "programme.docx": b"\x7fELF\x02\x01" + b"\0" * 200,
    "bomb.docx": samples.archive(
        {"[Content_Types].xml": b"x", "word/document.xml": b"0" * 30_000_000}
    ),
    "lying.docx": samples.lying_zip(),
    "huge.png": samples.huge_png(),
    "macro.docx": samples.archive(
        {"[Content_Types].xml": b"x", "word/document.xml": b"x", "word/vbaProject.bin": b"x"}
    ),
    "large.pdf": samples.PDF[:-6] + b" " * (21 * 1024 * 1024) + b"%%EOF\n",
    "empty.pdf": b"",
}


@pytest.fixture
def paper(house: House) -> tuple[Client, str, str]:
    """A customer's application, and the name of the field for one of its papers."""
    client = house.clients[f"customer:{house.customers[0]}"]
    form = next(
        item
        for item in forms_of(client.get("/my/apply/loan/").content.decode(), "/my/apply/loan/")
        if item.files
    )
    return client, form.action, form.files[0]


@pytest.mark.parametrize("name", FILES)
def test_a_hostile_file_is_not_kept(
    paper: tuple[Client, str, str], name: str, house: House
) -> None:
    client, at, field_name = paper
    before, size = list(folder.places()), journal_size()[0]
    answer = client.post(at, {field_name: SimpleUploadedFile(name, FILES[name])})

    assert answer.status_code == 422
    assert list(folder.places()) == before
    assert journal_size()[0] == size


@pytest.mark.parametrize(
    "name",
    ["../../../etc/passwd", "..\\..\\x.pdf", "/tmp/x.pdf", "a\x00.php", "x" * 300, "<b>.pdf"],
)
def test_no_name_of_a_file_leads_anywhere(
    paper: tuple[Client, str, str], name: str, house: House
) -> None:
    client, at, field_name = paper
    upload = SimpleUploadedFile("x.pdf", samples.PDF)
    upload._name = name  # Django cleans the name a test gives; who is hostile does not
    client.post(at, {field_name: upload})
    places = list(folder.places())

    assert len(places) == 1
    assert re.fullmatch(r"[0-9a-f./_-]+", places[0])
    root = Path(house_settings.EVIDENCE).resolve()
    assert all(root in item.resolve().parents for item in root.rglob("*"))


# Redirects.


def test_no_parameter_leads_out_of_the_house(house: House) -> None:
    clerk = house.clients[house.staff["acceptance_clerk"].id]
    customer = house.clients[f"customer:{house.customers[0]}"]
    task, case = house.objects["task"], house.objects["case"]["id"]
    letter = house.objects["message"][0]
    head = house.clients[house.staff["outlet_head"].id]
    posts: list[tuple[Client, str, dict[str, Any]]] = [
        (Client(), "/language/", {"language": "en"}),
        (customer, "/my/type/", {"type": "large"}),
        (clerk, "/work/claim/", {"task": [task]}),
        (clerk, "/work/hand-over/", {"task": [task], "person": "p001"}),
        (clerk, f"/cases/{case}/tasks/{task}/claim/", {}),
        (clerk, f"/cases/{case}/tasks/{task}/complete/", {}),
        (clerk, f"/messages/{letter}/done/", {"way": "posted"}),
        (head, "/oversight/held/release/", {"task": task, "reason": "查"}),
        (head, f"/oversight/matters/{house.objects['matter'][0]}/close/", {"note": "已处理"}),
        (clerk, "/account/logout/", {}),
        (clerk, "/account/reauthenticate/", {"password": "x"}),
    ]
    led = 0
    for wanted in ELSEWHERE:
        for client, at, given in posts:
            answer = client.post(f"{at}?next={quote(wanted)}", {**given, "next": wanted})
            led += answer.status_code == 302
            assert stays(answer.headers.get("Location", "/")), (at, wanted)
        house.put_back()
    assert led > len(ELSEWHERE)
    get_user_model().objects.create_user(username="p001x", password="a long enough one")
    for wanted in ELSEWHERE:
        answer = Client().post(
            f"/account/login/?next={quote(wanted)}",
            {"login": "p001x", "password": "a long enough one", "next": wanted},
        )
        assert answer.status_code == 302
        assert stays(answer.headers["Location"]), wanted


def stays(location: str) -> bool:
    return location.startswith("/") and not re.match(r"/[\s\\/]", location)


# Paths.


@pytest.mark.parametrize(
    "path",
    [
        "/static/../../pyproject.toml",
        "/static/..%2f..%2fpyproject.toml",
        "/static/%2e%2e/%2e%2e/keys/web-secret",
        "/static/ui/..\\..\\..\\pyproject.toml",
        "/static//etc/passwd",
        "/journal/event/..%2f..%2fetc%2fpasswd/1/",
        "/cases/..%2f..%2fetc/file.json",
        "/registers/..%2f..%2froles/",
        "/standard/clauses/..%2f..%2froles/",
        "/standard/parameters/..%2f..%2froles/",
        "/procedures/..%2f..%2froles/",
        "/board/indicators/..%2f..%2froles/",
        "/people/..%2f..%2fetc/",
    ],
)
def test_no_path_leads_out_of_its_folder(as_person: LogIn, holder: Holder, path: str) -> None:
    for client in (Client(), as_person(holder("internal_auditor"))):
        answer = client.get(path)
        body = b"".join(answer) if answer.streaming else answer.content
        assert answer.status_code in (302, 400, 404), path
        assert b"root:" not in body
        assert b"[project]" not in body


@pytest.mark.parametrize(
    "choice", ["../../etc/passwd", "parquet/../../x", "", "csv;rm -rf", "PARQUET", "\x00"]
)
def test_an_export_is_one_of_its_kinds(as_person: LogIn, holder: Holder, choice: str) -> None:
    client, before = as_person(holder("internal_auditor")), journal_size()[0]
    given = {"choice": choice, "first": "2026-01-01", "last": "2026-12-31"}

    assert client.post("/journal/export/download/", given).status_code in (404, 422)
    assert journal_size()[0] == before


# Fields that no page has.
EXTRA = {
    "id": "p001",
    "actor": "p001",
    "person": "p001",
    "by": "p001",
    "on_behalf_of": "p001",
    "is_staff": "on",
    "is_superuser": "on",
    "username": "root",
    "state": "ended",
    "customer": "x",
    "posts": "president",
    "sealed": "{}",
    "version": "99",
    "opinion": "approve",
    "occurred_at": "2020-01-01",
}


def test_fields_that_a_page_does_not_have_reach_nothing(house: House) -> None:
    """A person joined, a customer registered, a case begun: with everything else slipped in."""
    admin = house.clients[house.staff["system_administrator"].id]
    clerk = house.staff["acceptance_clerk"]
    admin.post("/people/join/", {**EXTRA, "id": "newcomer", "zh": "新人", "en": "New"})
    given = {"procedure": "complaint", "channel": "phone", "source": "customer"}
    begun = house.clients[clerk.id].post(
        "/intake/complaint/", {**EXTRA, **given, "subject": "service", "key": "k" * 20}
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT actor, on_behalf_of, payload FROM journal_event ORDER BY id DESC LIMIT 4"
        )
        events = cursor.fetchall()
    from touchstone.identity.queries import directory

    assert "newcomer" in directory().persons
    assert not [item for item in directory().holdings if item.person == "newcomer"]
    people = {actor for actor, _, _ in events if not actor.startswith("system:")}
    assert people == {house.staff["system_administrator"].id, clerk.id} - (
        set() if begun.status_code == 302 else {clerk.id}
    )
    assert all(behalf is None for _, behalf, _ in events)
    assert begun.status_code in (302, 422)
    assert not get_user_model().objects.filter(is_staff=True).exists()
    assert not get_user_model().objects.filter(is_superuser=True).exists()


# Guessing and sessions.


def test_guessing_locks_one_account_and_tells_nothing_of_which_exist(
    db: None, settings: Any
) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    users = get_user_model().objects
    users.create_user(username="p001", password="a long enough one")
    users.create_user(username="p002", password="a long enough one")
    said = []
    for name in ("p001", "p999"):
        client = Client()
        answers = [
            client.post("/account/login/", {"login": name, "password": "no"}) for _ in range(6)
        ]
        pages = [
            re.sub(CHANGING, "", answer.content.decode()).replace(name, "") for answer in answers
        ]
        said.append((sorted({answer.status_code for answer in answers}), pages[0], pages[-1]))
    assert said[0] == said[1]
    assert not logs_in("p001")
    assert logs_in("p002")


def logs_in(name: str) -> bool:
    client = Client(REMOTE_ADDR="10.1.1.9")
    client.post("/account/login/", {"login": name, "password": "a long enough one"})
    return "_auth_user_id" in client.session


def test_a_session_planted_before_stepping_in_is_not_the_one_after(
    bank: Simulation, settings: Any, holder: Holder
) -> None:
    settings.DEMO, settings.SECOND_FACTOR = True, "off"
    client = Client()
    session = client.session
    session["planted"] = "yes"
    session.save()
    planted = session.session_key
    client.post("/demo/step-in/", {"actor": holder("acceptance_clerk")})

    assert client.session.session_key != planted
    client.post("/demo/step-in/", {"actor": holder("internal_auditor")})
    assert "planted" not in client.session


def test_after_logging_out_the_session_is_worth_nothing(as_person: LogIn, holder: Holder) -> None:
    client = as_person(holder("acceptance_clerk"))
    kept = client.cookies["sessionid"].value
    client.post("/account/logout/")
    again = Client()
    again.cookies["sessionid"] = kept

    assert again.get("/work/").status_code == 302


# Headers.


def test_every_kind_of_answer_carries_the_headers(house: House) -> None:
    auditor = house.clients[house.staff["internal_auditor"].id]
    case = house.objects["case"]["id"]
    kinds = ["/", "/work/", "/no/such/page", "/healthz", f"/cases/{case}/file.json", "/api/docs"]
    kinds += ["/api/openapi.json", "/api/v1/cases", "/api/v1/nothing", "/account/login/"]
    for at in kinds:
        headers = auditor.get(at).headers
        assert headers["X-Content-Type-Options"] == "nosniff", at
        assert headers["Referrer-Policy"] == "same-origin", at
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin", at
        policy = headers["Content-Security-Policy"]
        for rule in ("default-src 'self'", "object-src 'none'", "base-uri 'none'"):
            assert rule in policy, at
        assert "frame-ancestors 'none'" in policy, at
        assert "unsafe" not in policy, at
        assert headers.get("X-Frame-Options") == "DENY", at
    attached = auditor.get(f"/cases/{case}/file.json").headers["Content-Disposition"]
    assert attached.startswith("attachment")


def test_under_tls_browsers_are_told_to_stay_there_and_cookies_stay_too() -> None:
    code = (
        "from touchstone.config import settings as s;"
        "print(s.SECURE_HSTS_SECONDS, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE,"
        " s.SESSION_COOKIE_HTTPONLY, s.CSRF_COOKIE_HTTPONLY, s.LANGUAGE_COOKIE_SECURE)"
    )
    import os

    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "TOUCHSTONE_HTTPS": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["31536000", "True", "True", "True", "True", "True"]


def test_the_header_of_tls_is_sent_over_tls_only(db: None, settings: Any) -> None:
    settings.SECURE_HSTS_SECONDS = 31_536_000

    assert "max-age=31536000" in Client().get("/", secure=True).headers["Strict-Transport-Security"]
    assert "Strict-Transport-Security" not in Client().get("/").headers


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(db: None) -> None:
    get_user_model().objects.create_user(username="p001", password="a long enough one")
    client = Client()
    client.get("/account/login/")
    client.post("/account/login/", {"login": "p001", "password": "a long enough one"})
    for name in ("sessionid", "csrftoken"):
        assert client.cookies[name]["httponly"], name
        assert client.cookies[name]["samesite"] == "Lax", name
