"""A real server over a simulated bank, and a real browser: the system's Chromium, headless."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.bank import made_bank

__all__ = ["made_bank"]
ROOT = Path(__file__).parents[2]
AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
SERIOUS = {"serious", "critical"}

# The words of what ends beyond the window's edge and lies in nothing that scrolls by itself.
_STICKS_OUT = """() => [...document.querySelectorAll('body *')].filter(item => {
  const box = item.getBoundingClientRect();
  return box.width && box.right > window.innerWidth + 1 && !item.closest('.diagram, .table-wrap, svg');
}).slice(-3).map(item => `${item.tagName} ${item.className}: ${item.textContent.trim().slice(0, 60)}`)"""


def _chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        required = "chromium" in os.environ.get("TOUCHSTONE_REQUIRE", "").split(",")
        reason = "no Chromium is installed"
        pytest.fail(reason) if required else pytest.skip(reason)
    return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Bank:
    """The served demonstration: where it answers, and where its data lie."""

    address: str
    data: Path

    @property
    def environment(self) -> dict[str, str]:
        """For the command beside the server, on the same data."""
        found = {
            **os.environ,
            "TOUCHSTONE_DATA": str(self.data),
            "TOUCHSTONE_SQLITE_SYNCHRONOUS": "OFF",
            "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
        }
        found.pop("TOUCHSTONE_DATABASE_URL", None)
        return found

    def command(self, *words: str) -> list[str]:
        """``touchstone`` with these words."""
        return [sys.executable, "-m", "touchstone.cli.main", *words]


@pytest.fixture(scope="session")
def bank(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Bank]:
    """The demonstration, served by a process of its own on a free port, over a copy of the made bank.

    ``TOUCHSTONE_SERVED`` names one that runs already, to write a story by: ``address folder``.
    """
    _chromium()
    if served := os.environ.get("TOUCHSTONE_SERVED"):
        known, _, folder = served.partition(" ")
        yield Bank(known, Path(folder))
        return
    port, data = _free_port(), tmp_path_factory.mktemp("served") / "bank"
    shutil.copytree(request.getfixturevalue("made_bank"), data)
    made = Bank(f"http://127.0.0.1:{port}", data)
    log = (data / "server.log").open("w")
    command = made.command("demo", "--port", str(port))
    server = subprocess.Popen(command, env=made.environment, stdout=log, stderr=log)
    try:
        _wait_for(f"{made.address}/healthz", server, data / "server.log")
        yield made
    finally:
        server.terminate()
        server.wait(20)
        log.close()
        said = (data / "server.log").read_text()
        assert "Traceback" not in said, said[-3000:]


@pytest.fixture(scope="session")
def address(bank: Bank) -> str:
    """Where the demonstration answers."""
    return bank.address


def _wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 400
    while time.monotonic() < until:
        assert server.poll() is None, log.read_text()[-3000:]
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                assert answer.status == 200
                return
        except OSError:
            time.sleep(0.5)
    raise AssertionError(f"the server did not answer: {log.read_text()[-3000:]}")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for every test."""
    with sync_playwright() as player:
        opened = player.chromium.launch(executable_path=_chromium(), args=["--no-sandbox"])
        yield opened
        opened.close()


class Visit:
    """One person's window: steps in, walks pages, and looks at each of them."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address
        self.errors: list[str] = []
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._said)

    def _said(self, message: object) -> None:
        # A refusal answers 4xx, which the browser reports; anything else is a fault.
        text = message.text  # type: ignore[attr-defined]
        if message.type == "error" and "Failed to load resource" not in text:  # type: ignore[attr-defined]
            self.errors.append(text)

    def step_in(self, role: str) -> None:
        """Become somebody of the demonstration by the name of the role on its button."""
        self.page.goto(f"{self.address}/")
        self.page.locator("form.demo button", has_text=re.compile(f"^{role}$")).click()
        self.page.wait_for_load_state()

    def be_the_same_as(self, other: Visit) -> None:
        """Be whoever stands at another window, in one's own language and width."""
        known = other.page.context.cookies()
        mine = [item for item in known if item["name"] != "django_language"]
        self.page.context.add_cookies(mine)  # type: ignore[arg-type]

    def become(self, post: str, unit: str) -> None:
        """Become whoever holds a post at a unit, from the list of everybody."""
        self.page.goto(f"{self.address}/")
        group = self.page.locator(f"form.demo optgroup[label='{unit}']")
        person = group.locator("option", has_text=post).first.get_attribute("value")
        self.page.locator("form.demo select").select_option(person)
        self.page.locator("form.demo .others button").click()
        self.page.wait_for_load_state()

    def open(self, path: str) -> None:
        """Go to a page, which must answer."""
        answer = self.page.goto(self.address + path, wait_until="domcontentloaded")
        assert answer is not None
        assert answer.ok, f"{path}: {answer.status}"

    def links(self) -> list[str]:
        """Where the page leads to in this house."""
        found = "links => links.map(link => link.getAttribute('href').split('#')[0])"
        return list(
            self.page.eval_on_selector_all(
                "a[href^='/']:not([download]):not([href$='.json'])", found
            )
        )

    def look(self, *, axe: bool = True) -> None:
        """No script error, nothing wider than the window, nothing serious for axe."""
        assert self.errors == []
        wider = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        if wider > 1:
            told = self.page.evaluate(_STICKS_OUT)
            raise AssertionError(f"{self.page.url} is {wider} px wider than the window: {told}")
        if axe:
            self.ask_axe()

    def darken(self) -> None:
        """The same page in the dark."""
        self.page.evaluate("document.documentElement.dataset.bsTheme = 'dark'")

    def unfold(self) -> None:
        """Everything that is folded away stands open."""
        self.page.evaluate(
            "document.querySelectorAll('details').forEach(one => { one.open = true; })"
        )

    def ask_axe(self, *rules: str, within: str = "html") -> None:
        """Nothing serious by all rules, or by these, in a part of the page."""
        if not AXE.exists():
            return
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE.read_text())
        options: dict[str, object] = {"resultTypes": ["violations"]}
        if rules:
            options["runOnly"] = {"type": "rule", "values": rules}
        run = "([within, options]) => axe.run(within, options)"
        if not self.page.locator(within).count():  # a page without the shell
            within = "html"
        found = self.page.evaluate(run, [within, options])
        bad = [
            (item["id"], node["target"], node.get("failureSummary", "")[:200])
            for item in found["violations"]
            if item["impact"] in SERIOUS
            for node in item["nodes"][:3]
        ]
        assert bad == [], f"{self.page.url}: {bad}"

    def picture(self, name: str) -> None:
        """A picture of the whole page, in the folder of ``TOUCHSTONE_PICTURES``."""
        if folder := os.environ.get("TOUCHSTONE_PICTURES"):
            self.page.evaluate("scrollTo(0, 0)")
            self.page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Callable[..., Visit]]:
    """Opens windows of a width, in a language, with or without script."""
    opened: list[BrowserContext] = []

    def open_window(width: int = 1440, language: str = "zh", *, script: bool = True) -> Visit:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            java_script_enabled=script,
            reduced_motion="reduce",  # colours are judged when they have arrived
        )
        context.add_cookies([{"name": "django_language", "value": language, "url": address}])
        opened.append(context)
        return Visit(context.new_page(), address)

    yield open_window
    for context in opened:
        context.close()
