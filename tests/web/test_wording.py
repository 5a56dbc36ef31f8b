"""Chinese and English are complete: no word of a page stands outside the tag that holds both."""

from __future__ import annotations

import ast
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "src" / "touchstone"
# What stands within a tag holds attributes, not words.
_WITHIN_TAGS = {"state.html"}
TEMPLATES = sorted(
    path for path in ROOT.glob("*/templates/**/*.html") if path.name not in _WITHIN_TAGS
)
_LETTER = re.compile(r"[A-Za-z一-鿿]")
_HAN = re.compile(r"[一-鿿]")
_READ = {"aria-label", "title", "placeholder", "alt"}
# Names that are the same in every language, and keys.
_SAME = {
    "v",
    "v1",
    "openapi",
    "json",
    "中文",
    "English",
    "sha256",
    "Enter",
    "j",
    "k",
    "c",
    "English中文",
    "JSON",
    "XES",
    "OCEL",
    "Parquet",
    "API",
    "id",
}


class _Text(HTMLParser):
    """The words of a template that no tag of ours says."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in ("script", "style", "code")
        for name, value in attrs:
            if name in _READ and value and _LETTER.search(value):
                self.found.append(value)

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in ("script", "style", "code")

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        for word in re.split(r"[\s·:,#/…()×%<>=≥+\-–—.*|&;、。]+", data):
            if _LETTER.search(word) and word not in _SAME:
                self.found.append(word)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_says_every_word_in_both_languages(template: Path) -> None:
    text = template.read_text(encoding="utf-8")
    text = re.sub(r"\{% comment %\}.*?\{% endcomment %\}|\{#.*?#\}", "", text, flags=re.DOTALL)
    text = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", text, flags=re.DOTALL)
    reader = _Text()
    reader.feed(text)

    assert reader.found == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_is_said_in_chinese_is_said_in_english_too(template: Path) -> None:
    text = template.read_text(encoding="utf-8")
    said = re.findall(r"\{% say \"((?:[^\"\\]|\\.)*)\" \"((?:[^\"\\]|\\.)*)\"", text)

    for zh, en in said:
        assert zh.strip()
        assert en.strip()
        assert not _HAN.search(en), en
        places = [set(re.findall(r"\{(\w+)\}", wording)) for wording in (zh, en)]
        assert places[0] == places[1], (zh, en)


def test_every_text_of_the_code_has_both_languages() -> None:
    missing = []
    for path in sorted(ROOT.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            if node.func.id not in ("Text", "refuse"):
                continue
            words = node.args[1:3] if node.func.id == "refuse" else node.args[:2]
            plain = [item.value for item in words if isinstance(item, ast.Constant)]
            if len(plain) == 2 and isinstance(plain[1], str) and _HAN.search(plain[1]):
                missing.append(f"{path.name}:{node.lineno}: {plain[1]}")

    assert missing == []


_HALF_WIDTH = re.compile(r"[\u4e00-\u9fff][,;:?!][\u4e00-\u9fff]")


def test_chinese_is_written_with_its_own_punctuation() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()[:80]}"
        for path in sorted(ROOT.rglob("*"))
        if path.suffix in {".html", ".py", ".yaml", ".json", ".bpmn", ".dmn", ".md"}
        for line in path.read_text(encoding="utf-8").splitlines()
        if _HALF_WIDTH.search(line)
    ]

    assert found == []
