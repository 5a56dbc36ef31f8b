"""Two wordings beside each other, with what was taken out and what was put in marked."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from touchstone.kernel.text import Text
from touchstone.standard.queries import Clause
from touchstone.ui.templatetags.clauses import clause_plain

# Words of the Latin script, single characters of every other.
_PIECES = re.compile(r"[A-Za-z0-9_.%-]+|\s+|.", re.DOTALL)


def side_by_side(before: Clause | None, after: Clause | None) -> tuple[SafeString, SafeString]:
    """The wording before with what went marked ``del``, and after with what came marked ``ins``."""
    if before is None or after is None:
        return _plain(before), _plain(after)
    old, new = _pieces(before.text), _pieces(after.text)
    left: list[tuple[bool, str]] = []
    right: list[tuple[bool, str]] = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        left.append((kind != "equal", "".join(old[a:b])))
        right.append((kind != "equal", "".join(new[c:d])))
    return _marked(left, "del"), _marked(right, "ins")


def _pieces(text: Text) -> list[str]:
    return _PIECES.findall(clause_plain(text))


def _plain(clause: Clause | None) -> SafeString:
    return format_html("{}", clause_plain(clause.text)) if clause else SafeString("")


def _marked(pieces: list[tuple[bool, str]], name: str) -> SafeString:
    return format_html_join(
        "",
        "{}",
        (
            (format_html(f"<{name}>{{}}</{name}>", text) if is_changed else text,)
            for is_changed, text in pieces
            if text
        ),
    )
