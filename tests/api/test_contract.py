"""The document holds: whatever is sent, every answer is one that it describes, and never a 5xx."""

from __future__ import annotations

import json

import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase
from schemathesis.config import SchemathesisConfig
from schemathesis.core.result import Ok

from tests.api.conftest import Caller, Calling, open_task
from touchstone.api.build import document
from touchstone.config.wsgi import application
from touchstone.simulation.run import Simulation

EXAMPLES = 12
# What is written as described may still be refused by the business (422), never as malformed (400).
CONFIG = SchemathesisConfig.from_dict(
    {
        "checks": {
            "positive_data_acceptance": {
                "expected-statuses": ["2xx", "401", "403", "404", "409", "422"]
            }
        }
    }
)
_WHO = {
    "journal": "internal_auditor",
    "indicators": "quality_officer",
    "webhooks": "system_administrator",
    "people": "security_administrator",
    "customers": "internal_auditor",
}


# Requests that the business accepts, so that their answers are held against the document, too.
GOOD = {
    "/api/v1/cases": {
        "procedure": "complaint",
        "unit": "b11",
        "values": {"channel": "phone", "source": "customer", "subject": "service"},
    },
    "/api/v1/tasks/{task}/draft": {"values": {}, "version": 0},
    "/api/v1/webhooks/subscriptions": {
        "url": "https://example.com/hook",
        "kinds": ["process.case_started"],
    },
}
# What examples cannot reach: a task whose form they fit or that stands as it must, a file, a signed
# receipt, somebody who may. ``test_on_both_databases`` reaches each of them.
NOT_REACHED = (
    *("complete", "send-back", "release", "delegate", "transfer", "resolve", "recall"),
    *("signers", "signers/{person}", "take-back", "files", "withdraw", "receipts"),
    "{message}",
    *("{subscription}", "{first_day}", "deputies"),
)


def operations() -> list[tuple[str, str]]:
    return [(method, path) for path, methods in document()["paths"].items() for method in methods]


@pytest.mark.parametrize(("method", "path"), operations())
def test_no_answer_breaks_the_contract(
    bank: Simulation, calling: Calling, holder: object, settings: object, method: str, path: str
) -> None:
    settings.API_REQUESTS_A_MINUTE = 10_000  # type: ignore[attr-defined]
    area = path.split("/")[3]
    caller = calling(holder(_WHO.get(area, "acceptance_clerk")))  # type: ignore[operator]
    if area == "tasks":
        caller, _ = open_task(calling, bank)
    schema = schemathesis.openapi.from_dict(json.loads(json.dumps(document())), config=CONFIG)
    schema.app = application
    found = [
        item.ok()
        for item in schema.get_all_operations()
        if isinstance(item, Ok) and (item.ok().method, item.ok().path) == (method, path)
    ]
    assert len(found) == 1
    headers = {"Authorization": f"Bearer {caller.token}"}
    known = bank_ids(caller)
    seen: set[int] = set()
    modes = list(schemathesis.GenerationMode)
    if path.endswith("files"):
        # Parts without a name are no part of a form: what is wrong in them never arrives.
        modes = [schemathesis.GenerationMode.POSITIVE]

    @hypothesis.settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(data=hypothesis.strategies.data())
    def ask(data: hypothesis.strategies.DataObject) -> None:
        mode = data.draw(hypothesis.strategies.sampled_from(modes))
        case = data.draw(found[0].as_strategy(generation_mode=mode))
        if mode is schemathesis.GenerationMode.POSITIVE and data.draw(
            hypothesis.strategies.booleans()
        ):
            for name in set(case.path_parameters or ()) & known.keys():
                case.path_parameters[name] = known[name]
            case.body = GOOD.get(path, case.body)
        answer = case.call(headers=headers)
        seen.add(answer.status_code)
        case.validate_response(answer, headers=headers)

    ask()
    if method == "get":
        seen.add(caller.get(path.removeprefix("/api/v1").format_map(known)).status_code)
    assert all(status < 500 for status in seen)
    if not path.endswith(NOT_REACHED):
        assert any(status < 300 for status in seen), seen


def bank_ids(caller: Caller) -> dict[str, str]:
    """Things that are there, so that not every example asks for what is not."""
    cases = caller.get("/cases", {"limit": 50}).json().get("items") or [{"id": "none"}]
    open_tasks = [task for task in caller.get("/tasks").json() if task["state"] == "open"]
    known = {"procedure": "loan", "clause": "SVC-13", "case": cases[0]["id"]}
    known["person"] = caller.person
    known["identity"] = next((item["customer"] for item in cases if item.get("customer")), "none")
    if open_tasks:
        known["task"] = open_tasks[0]["id"]
    return {**known, "stream": "directory", "position": "1"}
