"""Tokens: whose, for what, until when; what the journal holds of them and what it never holds."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from django.db import connection

from tests.api.conftest import Calling
from touchstone.cli.main import main
from touchstone.identity.tokens import SCOPES, issue_token, recognise, revoke_token, tokens_of
from touchstone.journal.reading import stream_rows
from touchstone.journal.unit_of_work import ActContext
from touchstone.kernel.chance import SystemChance
from touchstone.kernel.refusal import Refusal
from touchstone.kernel.time import SystemClock, VirtualClock
from touchstone.simulation.run import Simulation


def by(person: str) -> ActContext:
    return ActContext(person, SystemClock(), SystemChance())


def test_the_journal_says_who_holds_it_and_never_the_secret(
    bank: Simulation, holder: object
) -> None:
    person = bank.people.staff[0].id
    issued = issue_token(by(person), person, ["cases:read"], name="reports", days=3)
    rows = list(stream_rows(f"token:{issued.id}"))
    fact = next(iter(rows[0].recorded()))
    assert fact.kind == "identity.token_issued"
    assert fact.data["person"] == person
    assert fact.data["scopes"] == ["cases:read"]
    secret = issued.secret.rpartition("_")[2]
    with connection.cursor() as cursor:
        cursor.execute("SELECT sha256 FROM identity_token_secret WHERE id = %s", (issued.id,))
        digest = cursor.fetchone()[0]
    assert secret not in digest
    for row in rows:
        assert secret not in row.payload
        assert digest not in row.payload


@pytest.mark.parametrize(
    ("scopes", "days", "code"),
    [
        (["cases:all"], 1, "identity.no_such_scope"),
        ([], 1, "identity.no_such_scope"),
        (["cases:read"], 0, "identity.bad_term"),
        (["cases:read"], 367, "identity.bad_term"),
    ],
)
def test_bad_wishes_are_refused(bank: Simulation, scopes: list[str], days: int, code: str) -> None:
    person = bank.people.staff[0].id
    with pytest.raises(Refusal) as refused:
        issue_token(by(person), person, scopes, days=days)
    assert refused.value.code == code
    assert tokens_of(person) == ()


def test_nobody_issues_a_token_that_acts_as_somebody_else(bank: Simulation, holder: object) -> None:
    for post in ("system_administrator", "security_administrator", "branch_head"):
        with pytest.raises(Refusal) as refused:
            issue_token(by(holder(post)), holder("teller"), ["cases:read"])  # type: ignore[operator]
        assert refused.value.code == "identity.not_permitted"


def test_revoking_is_for_oneself_and_administrators(bank: Simulation, holder: object) -> None:
    person = holder("acceptance_clerk")  # type: ignore[operator]
    issued = issue_token(by(person), person, list(SCOPES))
    with pytest.raises(Refusal):
        revoke_token(by(holder("branch_head")), issued.id)  # type: ignore[operator]
    assert recognise(issued.secret, SystemClock().now()) is not None
    revoke_token(by(holder("security_administrator")), issued.id)  # type: ignore[operator]
    assert recognise(issued.secret, SystemClock().now()) is None
    assert tokens_of(person)[0].revoked_at is not None


def test_it_runs_out_and_its_use_is_written_once_a_minute(bank: Simulation) -> None:
    person = bank.people.staff[0].id
    clock = VirtualClock(SystemClock().now())
    issued = issue_token(ActContext(person, clock, SystemChance()), person, ["cases:read"], days=1)
    now = clock.now()
    used = []
    for seconds in (0, 30, 61):
        assert recognise(issued.secret, now + dt.timedelta(seconds=seconds)) is not None
        used.append(tokens_of(person)[0].last_used_at)
    assert used[0] == used[1]
    assert used[2] == now + dt.timedelta(seconds=61)
    assert recognise(issued.secret, now + dt.timedelta(days=1)) is None
    assert recognise(issued.secret[:-1] + ("0" if issued.secret[-1] != "0" else "1"), now) is None


def test_unknown_and_revoked_tokens_are_401(calling: Calling, holder: object) -> None:
    caller = calling(holder("acceptance_clerk"))  # type: ignore[operator]
    assert caller.get("/cases").status_code == 200
    revoke_token(by(caller.person), tokens_of(caller.person)[0].id)
    for token in (caller.token, "", "x", "tst_0000000000000000_" + "0" * 64, "é"):
        caller.token = token
        answer = caller.get("/cases")
        assert answer.status_code == 401, token
        assert answer["Content-Type"] == "application/problem+json"
        assert answer["WWW-Authenticate"] == "Bearer"
        assert json.loads(answer.content)["code"] == "api.no_token"


def test_the_command_issues_lists_and_revokes(
    bank: Simulation, capsys: pytest.CaptureFixture[str]
) -> None:
    person = bank.people.staff[0].id

    def run(*words: str) -> tuple[int, dict[str, object]]:
        code = main(["token", *words, "--json"])
        return code, json.loads(capsys.readouterr().out)

    code, issued = run("issue", person, "--scope", "cases:read", "--days", "2")
    assert code == 0
    assert recognise(str(issued["token"]), SystemClock().now()) is not None
    _, listed = run("list", person)
    assert str(issued["token"]).rpartition("_")[2] not in json.dumps(listed)
    assert run("revoke", person)[1] == {"revoked": [issued["id"]]}
    assert recognise(str(issued["token"]), SystemClock().now()) is None
    assert main(["token", "revoke", person, "--json"]) == 2
    assert main(["token", "issue", "nobody", "--scope", "cases:read", "--json"]) == 2
