"""What people do on pages: answer forms, press buttons, find their task; with a mouse or by keyboard only."""

from __future__ import annotations

import re
from collections.abc import Mapping

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visit

Values = Mapping[str, str | int | bool]
PAPER = {"name": "材料.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4\n%%EOF\n"}
OUTLET, BRANCH, HEAD = "滨海营业部", "滨海分行", "总行"
MOST_TABS = 200


class Mouse:
    """Answers and presses as a person with a mouse does; needs no script on the page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def fill(self, values: Values, form: str = "form:has(.form-item)") -> None:
        """Answer the fields of the page's form by their names, as a person would by their labels."""
        found = self.page.locator(form).first
        for name, value in values.items():
            text = str(value).lower() if isinstance(value, bool) else str(value)
            self._answer(found.locator(f"[name='{name}']:not([type='hidden'])"), text)

    def _answer(self, fields: Locator, text: str) -> None:
        kind = fields.first.get_attribute("type")
        if kind == "radio":
            self.choose(fields, text)
        elif kind == "checkbox":
            if fields.first.is_checked() != (text == "true"):
                self.press(fields.first)
        elif kind == "file":
            self.attach(fields.first)
        elif fields.first.locator("option").count():
            self.select(fields.first, text)
        else:
            self.write(fields.first, text)

    def press(self, what: Locator) -> None:
        """A link, a button or a box."""
        what.click()

    def write(self, field: Locator, text: str) -> None:
        """Text into a field."""
        field.fill(text)

    def choose(self, radios: Locator, value: str) -> None:
        """One of a group."""
        radios.and_(self.page.locator(f"[value='{value}']")).check()

    def select(self, field: Locator, value: str) -> None:
        """One of a list."""
        field.select_option(value)

    def attach(self, field: Locator) -> None:
        """A paper."""
        field.set_input_files([PAPER])


class Keyboard(Mouse):
    """The same by keys only: what the tabulator does not come to cannot be done."""

    def _go_to(self, what: Locator) -> None:
        aim = what.element_handle()
        for _ in range(MOST_TABS):
            if self.page.evaluate("aim => document.activeElement === aim", aim):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"the tabulator does not come to {what}")

    def press(self, what: Locator) -> None:
        """Space for boxes, Enter for the rest; links and buttons lead to a page."""
        self._go_to(what)
        if what.get_attribute("type") == "checkbox":
            self.page.keyboard.press("Space")
        elif what.evaluate("element => element.tagName") == "SUMMARY":
            self.page.keyboard.press("Enter")
        else:
            with self.page.expect_navigation():
                self.page.keyboard.press("Enter")

    def write(self, field: Locator, text: str) -> None:
        """Typed over what stands there."""
        self._go_to(field)
        self.page.keyboard.press("ControlOrMeta+A")
        self.page.keyboard.insert_text(text)

    def choose(self, radios: Locator, value: str) -> None:
        """The tabulator comes to the group, arrows go on in it."""
        values = [item.get_attribute("value") for item in radios.all()]
        self._go_to(radios.and_(self.page.locator(":checked")).or_(radios.first).first)
        self.page.keyboard.press("Space")
        for _ in range(values.index(value)):
            self.page.keyboard.press("ArrowDown")
        expect(radios.and_(self.page.locator(f"[value='{value}']"))).to_be_checked()

    def select(self, field: Locator, value: str) -> None:
        """Arrows go through the list."""
        self._go_to(field)
        self.page.keyboard.press("Home")
        while field.input_value() != value:
            before = field.input_value()
            self.page.keyboard.press("ArrowDown")
            assert field.input_value() != before, f"no {value} in {field}"

    def attach(self, field: Locator) -> None:
        """Enter opens the machine's own window for files."""
        self._go_to(field)
        with self.page.expect_file_chooser() as opened:
            self.page.keyboard.press("Enter")
        opened.value.set_files([PAPER])


def number_of(page: Page) -> str:
    """The number of the case that the page shows."""
    found = re.search(r"P\d\d-\d{6}-\w+", page.locator(".facts-line").inner_text())
    assert found, page.locator(".facts-line").inner_text()
    return found.group()


Hand = type[Mouse]


class Staff:
    """One window at the bank: whoever is due finds the task of a case, does it, and sees what comes.

    The case is known by what its rows show: its number, or an amount nobody else asks for.
    """

    def __init__(self, visit: Visit, story: str, case: str, hand: Hand = Mouse) -> None:
        self.visit, self.page, self.story, self.case = visit, visit.page, story, case
        self.hand, self.count = hand(visit.page), 0

    def open_task(self, step: str) -> None:
        """Find the task in one's work and open it; what a machine does before takes a moment."""
        self.visit.open("/work/")
        row = self.page.locator("[data-row]", has_text=self.case).filter(has_text=step)
        come_to_show(self.page, row.first)
        self.hand.press(row.locator("a").first)
        self.page.wait_for_url("**/cases/**")

    def do(self, post: str, unit: str, step: str, values: Values) -> None:
        """Become whoever holds the post, and do the step."""
        self.visit.become(post, unit)
        self.open_task(step)
        self.hand.fill(values)
        self.picture(step)
        self.visit.look(axe=False)
        self.hand.press(self.page.get_by_role("button", name=f"提交「{step}」"))
        expect(self.page.locator(".notice")).to_contain_text("已办结")

    def picture(self, what: str) -> None:
        """A picture with its number in the story."""
        self.count += 1
        self.visit.picture(f"{self.story}-{self.count:02}-{what}")


def come_to_show(page: Page, what: Locator) -> None:
    """Reload until the page shows it: what a machine does in between takes a moment."""
    for _ in range(60):
        if what.count():
            return
        page.wait_for_timeout(200)
        page.reload()
    expect(what).to_be_visible()
