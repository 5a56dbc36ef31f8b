"""Every page × every post of the standard, customers and nobody: opened or refused as the table says.

The table (``authorisation.yaml``, ``tests/authority.yaml``) and the standard's own files are the
expected values; nothing is asked of the code that decides.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.contrib.auth import get_user_model
from django.db import connection
from django.template.backends.django import Template
from django.test import Client
from django.urls import get_resolver, reverse

from tests import authority
from tests.authority import HEADS, Somebody, as_case, holders, one, somebody
from tests.web.test_shell import own_views
from touchstone.identity.authority import ACTS, READS
from touchstone.journal.queries import journal_size
from touchstone.kernel.time import SystemClock
from touchstone.measures.queries.stored import measured_periods
from touchstone.simulation.run import Simulation

TABLE: Mapping[str, list[dict[str, Any]]] = yaml.safe_load(
    (Path(__file__).parent / "authorisation.yaml").read_text(encoding="utf-8")
)["pages"]
RULES = {
    "whole",
    "whole_house",
    "case",
    "message",
    "matter",
    "finding",
    "register",
    "entry",
    "counter",
    "enters",
    "corrects",
    "revises",
}


def test_every_page_stands_in_the_table() -> None:
    names = {item.name for item in own_views()}

    assert None not in names
    assert set(TABLE) == names


def test_the_table_knows_every_act_and_only_posts_of_the_standard() -> None:
    code = {
        **{act: set(posts) for act, posts in ACTS.items()},
        **{act: set(posts) for act, posts in READS.items()},
    }

    assert {act: set(posts) for act, posts in authority.acts().items()} == code
    named = {post for posts in authority.acts().values() for post in posts}
    assert named <= set(authority.posts())
    three = ["system_administrator", "security_administrator", "security_auditor"]
    business = {
        post
        for act, posts in authority.acts().items()
        for post in posts
        if act.startswith(("process.withdraw", "records."))
    }
    assert business.isdisjoint(three)


@dataclass
class House:
    """The bank with one holder of every post, the objects that pages ask for, and how to put it back."""

    staff: dict[str, Somebody]
    clients: dict[str, Client]
    customers: tuple[str, str]
    objects: dict[str, Any]
    cases: list[dict[str, Any]]
    copy: sqlite3.Connection
    size: int

    def put_back(self) -> None:
        """Undo what a request did, if it did anything."""
        if journal_size()[0] != self.size:
            self.copy.backup(connection.connection)


@pytest.fixture
def house(bank: Simulation) -> Iterator[House]:
    posts = holders(bank)
    staff = {post: somebody(person) for post, person in posts.items()}
    case = one(
        "SELECT id, procedure, unit, customer, actors FROM process_case WHERE procedure = 'loan' AND state = 'open' AND customer IS NOT NULL AND unit LIKE 'b3%%' AND id IN (SELECT case_id FROM process_task) ORDER BY id LIMIT 1"
    )
    other = one(
        "SELECT customer FROM process_case WHERE customer IS NOT NULL AND customer <> %s ORDER BY id LIMIT 1",
        case[3],
    )
    cases = []
    with connection.cursor() as cursor:
        # Procedures that the simulated bank has cases of; one that nobody has begun shows none.
        cursor.execute("SELECT DISTINCT procedure FROM process_case ORDER BY procedure")
        begun = [slug for (slug,) in cursor.fetchall()]
    for slug in begun:
        row = one(
            "SELECT id, procedure, unit, customer, actors FROM process_case WHERE procedure = %s ORDER BY id LIMIT 1",
            slug,
        )
        cases.append(as_case(row))
    task = one("SELECT id FROM process_task WHERE case_id = %s ORDER BY id LIMIT 1", case[0])[0]
    matter = one(
        "SELECT m.id, m.pool, m.persons, m.barred, c.unit FROM process_matter m JOIN process_case c ON c.id = m.case_id WHERE m.state = 'open' ORDER BY m.id LIMIT 1"
    )
    finding = one(
        "SELECT id, unit FROM improvement_finding WHERE kind = 'reported' ORDER BY id LIMIT 1"
    )
    entry = one(
        "SELECT id, register, unit FROM records_entry WHERE state <> 'void' ORDER BY id LIMIT 1"
    )
    message = one(
        "SELECT id, unit FROM service_message WHERE unit IS NOT NULL AND purpose = 'case' AND body IS NOT NULL ORDER BY unit = 'b31' DESC, id LIMIT 1"
    )
    customer = one(
        "SELECT id, unit FROM records_customer WHERE state = 'active' AND unit = 'b31' ORDER BY id LIMIT 1"
    )
    objects = {
        "case": as_case(case),
        "task": task,
        "matter": matter,
        "finding": finding,
        "entry": entry,
        "message": message,
        "customer": customer,
    }
    clients = {
        person: log_in(person)
        for person in [*posts.values(), f"customer:{case[3]}", f"customer:{other[0]}"]
    }
    copy = sqlite3.connect(":memory:")
    connection.connection.backup(copy)
    yield House(staff, clients, (case[3], other[0]), objects, cases, copy, journal_size()[0])
    copy.close()


def log_in(actor: str) -> Client:
    user, _ = get_user_model().objects.get_or_create(username=actor)
    client = Client(raise_request_exception=False)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session["second_factor"], session["seen_at"] = "own", int(SystemClock().now().timestamp())
    session.save()
    return client


def address(name: str, house: House) -> str:
    """The page's address with ids of what is really there."""
    found, case = house.objects, house.objects["case"]
    clause, parameter = authority_clause(), "complaint.response.limit"
    month = measured_periods()[0]
    known: dict[str, list[Any]] = {
        "first_password": ["MQ", "x-y"],
        "task_complete": [case["id"], found["task"]],
        "case_message": [case["id"], "nothing"],
        "task_act": [case["id"], found["task"], "send_back"],
        "begin": ["loan"], "intake_find": ["loan"], "intake_register": ["loan"],
        "procedure": ["loan"], "portal_begin": ["loan"],
        "register": [found["entry"][1]], "register_enter": [found["entry"][1]],
        "matter": [found["matter"][0]], "close_matter": [found["matter"][0]],
        "finding": [found["finding"][0]], "finding_repair": [found["finding"][0]],
        "decision_drift": ["credit_score"],
        "course": ["service"], "exam_begin": ["service"], "exam_allow": ["service"], "exam": ["nothing"],
        "indicator": ["K01"], "indicator_items": ["K01"],
        "chapter": [clause[1]], "clause": [clause[0]], "parameter": [parameter_id() or parameter],
        "person": ["p001"], "person_act": ["p001"],
        "journal_event": ["directory", 1],
        "report": [month], "report_file": [month, "docx"],
        "token_revoke": ["0" * 16], "webhook_act": ["0" * 16],
        "portal_answer": [case["id"], "nothing"], "portal_letter": ["nothing"],
    }  # fmt: skip
    if name in known:
        return reverse(name, args=known[name])
    for prefix, value in (("decision", "loan_terms"), ("case", case["id"]), ("receipt", case["id"]), ("portal_", case["id"]), ("customer", found["customer"][0]), ("entry", found["entry"][0]), ("message", found["message"][0])):  # fmt: skip
        if name.startswith(prefix) and needs_argument(name):
            return reverse(name, args=[value])
    return reverse(name)


def needs_argument(name: str) -> bool:
    return any(item.name == name and "<" in str(item.pattern) for item in own_views()) or any(
        "%(" in bit[0][0] for bit in get_resolver().reverse_dict.getlist(name)
    )


def authority_clause() -> tuple[str, str]:
    from touchstone.packs.catalogue import catalogue
    from touchstone.standard.queries import clauses

    found = next(iter(sorted(clauses(catalogue().version).items())))
    return found[0], found[1].chapter


def parameter_id() -> str:
    from touchstone.packs.catalogue import catalogue
    from touchstone.standard.parameters import parameters

    return min(parameters(catalogue().version))


@pytest.fixture
def unrendered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who may is decided before a template is filled; filling thousands of them says no more of it."""
    monkeypatch.setattr(Template, "render", lambda *_: "")


# What is asked of a rule: whether he passes, and what he is answered where he does not.
def judged(rule: str, who: Somebody, house: House) -> int | None:
    """None: he passes; else the status that refuses him."""
    if " or " in rule:
        found = [judged(part, who, house) for part in rule.split(" or ")]
        return None if None in found else found[0]
    for part in rule.split(" and "):
        act, _, place = part.partition(" at ")
        if act in ("open", "staff"):
            continue
        if act in RULES:
            if not passes(act, who, house):
                return 404
        elif not who.may(act, house.objects[place][-1] if place else None):
            return 403
    return None


def passes(rule: str, who: Somebody, house: House) -> bool:
    found = house.objects
    if rule == "whole":
        at_head = {place for post, place in who.held if post in authority.acts()["board.read"]}
        return who.may("cases.read_all") or "head" in at_head
    if rule == "whole_house":
        return who.may("cases.read_all")
    if rule == "case":
        return who.sees(found["case"])
    if rule == "counter":
        return any(post in authority.procedure("loan")["start"]["posts"] for post, _ in who.held)
    if rule == "revises":
        return who.holds(authority.procedure("revision")["start"]["posts"])
    if rule == "message":
        return who.may("messages.read") or who.may("service.hand_over", found["message"][-1])
    if rule == "finding":
        return who.may("cases.read_all") or who.holds(HEADS, found["finding"][-1])
    if rule == "matter":
        return sees_matter(who, found["matter"])
    data, unit = authority.register(found["entry"][1]), found["entry"][-1]
    entered, confirmed = data["entered_by"], data.get("confirmed_by") or []
    if rule == "register":
        return who.may("cases.read_all") or who.holds([*entered, *confirmed, *HEADS])
    if rule == "enters":
        return who.holds(entered)
    if rule == "entry":
        return who.may("cases.read_all") or who.holds([*entered, *confirmed, *HEADS], unit)
    assert rule == "corrects", rule
    return who.holds(entered, unit)


def sees_matter(who: Somebody, matter: tuple[Any, ...]) -> bool:
    _, pool, persons, barred, unit = matter
    posts, _, place = pool.rpartition("@")
    watches = who.may("oversight.read") and (who.may("cases.read_all") or who.holds(HEADS, unit))
    holds = any((post, place) in who.reach for post in posts.split("|"))
    closes = holds and who.id not in json.loads(barred or "[]")
    return watches or closes or who.id in json.loads(persons or "[]")


def expected(row: dict[str, Any], way: str, who: Somebody, house: House) -> set[int]:
    if row["who"] in ("customer", "own_case"):
        return {404}
    refused = judged(row["who"], who, house)
    if refused is None and "then" in row:
        refused = judged(row["then"], who, house)
    if refused is not None:
        return {refused}
    said = row[way]
    return set(said) if isinstance(said, list) else {said}


def answered(client: Client, way: str, path: str, row: dict[str, Any]) -> Any:
    if way == "get":
        return client.get(path, headers={"HX-Request": "true"})
    return client.post(path, row.get("body", {}), headers={"HX-Request": "true"})


@pytest.fixture
def rows() -> list[tuple[str, dict[str, Any], str]]:
    return [
        (name, row, way)
        for name, found in TABLE.items()
        for row in found
        for way in ("get", "post")
        if way in row
    ]


def test_each_post_is_let_in_or_refused_as_the_table_says(
    house: House, rows: list[Any], unrendered: None
) -> None:
    wrong, let_in, kept_out = [], set(), set()
    for name, row, way in rows:
        path = address(name, house)
        for post, who in house.staff.items():
            answer = answered(house.clients[who.id], way, path, row)
            wanted = expected(row, way, who, house)
            if answer.status_code not in wanted:
                wrong.append((name, way, post, answer.status_code, sorted(wanted)))
            (kept_out if wanted <= {403, 404} and row["who"] != "open" else let_in).add((name, way))
            if way == "post":
                house.put_back()

    assert not wrong, f"{len(wrong)} of the cells: {wrong[:20]}"
    # Both sides are there: somebody is let in everywhere, and kept out of everything narrower.
    for name, row, way in rows:
        if row["who"] not in ("customer", "own_case") and row[way] != 404:
            assert (name, way) in let_in, name
        if row["who"] not in ("open", "staff", "customer", "own_case"):
            assert (name, way) in kept_out, name


def test_customers_and_whoever_is_nobody(house: House, rows: list[Any]) -> None:
    mine, other = (house.clients[f"customer:{name}"] for name in house.customers)
    wrong = []
    for name, row, way in rows:
        path, said = address(name, house), row[way]
        allowed = set(said) if isinstance(said, list) else {said}
        is_mine = row["who"] in ("open", "customer", "own_case")
        for title, client, wanted in (
            ("nobody", Client(), allowed if row["who"] == "open" else {302}),
            ("customer", mine, allowed if is_mine else {404}),
            ("another", other, allowed if row["who"] in ("open", "customer") else {404}),
        ):
            answer = answered(client, way, path, row)
            if answer.status_code not in wanted:
                wrong.append((name, way, title, answer.status_code, sorted(wanted)))
            if title == "nobody" and row["who"] != "open":
                assert answer.headers["Location"].startswith("/account/login/?next="), name
            if way == "post":
                house.put_back()

    assert not wrong, wrong


def test_who_needs_to_know_of_a_case_reads_it_and_nobody_else(
    house: House, unrendered: None
) -> None:
    wrong, shown, hidden = [], 0, 0
    for case in house.cases:
        for post, who in house.staff.items():
            status = house.clients[who.id].get(reverse("receipt", args=[case["id"]]), headers={"HX-Request": "true"}).status_code  # fmt: skip
            wanted = 200 if who.sees(case) else 404
            shown, hidden = shown + (wanted == 200), hidden + (wanted == 404)
            if status != wanted:
                wrong.append((case["procedure"], case["unit"], post, status, wanted))
    assert not wrong, wrong
    assert min(shown, hidden) > 50


def test_a_task_is_taken_by_the_posts_of_its_step_alone(house: House, unrendered: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT min(t.id), t.pool FROM process_task t WHERE t.state = 'open' AND t.emergency IS NULL AND t.signers IS NULL GROUP BY t.pool, t.element ORDER BY 1"
        )
        tasks = cursor.fetchall()[:12]
    wrong, taken = [], 0
    for task, pool in tasks:
        posts, _, place = pool.rpartition("@")
        row = one(
            "SELECT id, procedure, unit, customer, actors FROM process_case WHERE id = %s",
            task.partition(".")[0],
        )
        case = as_case(row)
        path = reverse("task_act", args=[case["id"], task, "claim"])
        for post, who in house.staff.items():
            status = (
                house.clients[who.id].post(path, {}, headers={"HX-Request": "true"}).status_code
            )
            if any((name, place) in who.reach for name in posts.split("|")):
                # Separation of duties may still stand between him and the step.
                wanted = {302, 422} if case["persons"] else {302}
            else:
                wanted = {403} if who.sees(case) else {404}
                # Whoever did a conflicting step is told that first.
                wanted |= {422} if who.id in case["persons"] else set()
            taken += status == 302
            if status not in wanted:
                wrong.append((task, pool, post, status, sorted(wanted)))
            house.put_back()
    assert not wrong, wrong
    assert taken


HIDDEN = re.compile(r'data-now="\d+"|value="[\w-]{20,}"|"X-CSRFToken": "\w+"|<time.*</time>')


def test_another_customers_case_answers_like_one_that_is_not_there(house: House) -> None:
    case, missing = house.objects["case"]["id"], "0" * 16
    stranger = house.clients[f"customer:{house.customers[1]}"]
    outsider = next(who for who in house.staff.values() if not who.sees(house.objects["case"]))
    pages = [
        name
        for name, found in TABLE.items()
        if any(row["who"].endswith(("case", "own_case")) for row in found)
    ]
    assert len(pages) > 10
    for name in pages:
        for client in (stranger, house.clients[outsider.id], Client()):
            for way in ("get", "post"):
                path = address(name, house)
                assert case in path, name
                answers = [
                    getattr(client, way)(item) for item in (path, path.replace(case, missing))
                ]
                first, second = (
                    (
                        item.status_code,
                        HIDDEN.sub("", item.content.decode()).replace(case, missing),
                        item.headers.get("Location", "").replace(case, missing),
                    )
                    for item in answers
                )
                assert first == second, (name, way)
                assert first[0] in (302, 403, 404, 405)
