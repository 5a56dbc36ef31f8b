"""What a browser sends, read strictly: flat names (``a``, ``items.0.name``) become typed values. Pure.

Only the form's own fields are taken; everything else is refused, so nobody slips a value in. Names
that begin with ``_`` and the page's own token belong to the page. What is hidden is left out, as the
form's condition says; what is empty is left out too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from touchstone.kernel.forms import wording
from touchstone.kernel.forms.fields import Field, visible
from touchstone.kernel.forms.form import Form
from touchstone.kernel.forms.reading import Unreadable, read_value
from touchstone.kernel.text import Text

ADD, REMOVE = "_add", "_remove"
_PAGE_TOKENS = frozenset({"csrfmiddlewaretoken"})
_NAME_SHOWN = 60
_MOST_UNKNOWN = 10
_EMPTY = object()


@dataclass(frozen=True)
class Parsed:
    """A page's answer.

    Attributes:
        values: typed values, ready for the act where there are no errors.
        typed: everything as it was typed, for showing the form again and for drafts.
        errors: path of the field -> what is wrong; ``""`` is the form as a whole.
        reshaped: a row was added or taken away by a button without script: show the form again.
    """

    values: Mapping[str, Any]
    typed: Mapping[str, Any]
    errors: Mapping[str, Text]
    reshaped: bool = False


@dataclass
class _Reading:
    """The names of one answer and what became of them."""

    post: Mapping[str, Sequence[str]]
    taken: set[str] = field(default_factory=set)
    errors: dict[str, Text] = field(default_factory=dict)

    def texts(self, path: str) -> Sequence[str]:
        """What was sent under a name."""
        self.taken.add(path)
        return self.post.get(path, ())


def parse(
    form: Form, post: Mapping[str, Sequence[str]], *, files: Mapping[str, str] | None = None
) -> Parsed:
    """Read ``post`` (name -> every value sent under it) as an answer to ``form``.

    ``files`` maps file fields to the sha256 of what was just stored for them.
    """
    sent = {**post, **{name: (digest,) for name, digest in (files or {}).items()}}
    reading = _Reading(sent)
    values, typed = _object(reading, form.fields, "")
    shown = visible(form.fields, values)
    values = {name: value for name, value in values.items() if name in shown}
    if ADD in post or REMOVE in post:
        return Parsed(values, _reshaped(form.fields, typed, post), {}, reshaped=True)
    errors = {
        path: text
        for path, text in reading.errors.items()
        if path == "" or path.partition(".")[0] in shown
    }
    for name in _unknown(reading):
        errors.setdefault(name[:_NAME_SHOWN], wording.NO_SUCH_FIELD)
    for path, text in form.errors(values).items():
        if not any(path == known or known.startswith(f"{path}.") for known in errors):
            errors.setdefault(path, text)
    return Parsed(values, typed, errors)


def _unknown(reading: _Reading) -> list[str]:
    names = [
        name
        for name in reading.post
        if name not in reading.taken and not name.startswith("_") and name not in _PAGE_TOKENS
    ]
    return sorted(names)[:_MOST_UNKNOWN]


def _object(
    reading: _Reading, fields: Sequence[Field], prefix: str, shown_as: str | None = None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The values and the typed texts of an object; errors go under ``shown_as`` where rows closed up."""
    values: dict[str, Any] = {}
    typed: dict[str, Any] = {}
    errors_at = prefix if shown_as is None else shown_as
    for item in fields:
        if item.read_only:
            continue
        path, place = f"{prefix}{item.name}", f"{errors_at}{item.name}"
        if item.kind == "group":
            value, said = _object(reading, item.fields, f"{path}.", f"{place}.")
            typed[item.name] = said
            if value:
                values[item.name] = value
            continue
        value, said = (
            _rows(reading, item, path, place)
            if item.kind == "rows"
            else _single(reading, item, path, place)
        )
        if said not in ("", [], None):
            typed[item.name] = said
        if value is not _EMPTY:
            values[item.name] = value
    return values, typed


def _rows(reading: _Reading, item: Field, path: str, place: str) -> tuple[Any, Any]:
    most = item.limits.max_items or 0
    names = {field.name for field in item.fields}
    numbers = sorted(
        {
            int(number)
            for name in reading.post
            if name.startswith(f"{path}.")
            for number, _, rest in [name[len(path) + 1 :].partition(".")]
            if number.isascii() and number.isdigit() and len(number) <= 4
            if rest.partition(".")[0] in names
        }
    )
    values: list[Any] = []
    typed: list[Any] = []
    for number in numbers:
        at = f"{place}.{len(values)}."
        known = set(reading.errors)
        value, said = _object(reading, item.fields, f"{path}.{number}.", at)
        if not value and not set(reading.errors) - known:
            continue
        if len(values) == most:
            reading.errors[place] = wording.TOO_MANY_ROWS
            break
        values.append(value)
        typed.append(said)
    return (values or _EMPTY), typed


def _single(reading: _Reading, item: Field, path: str, place: str) -> tuple[Any, Any]:
    texts = [text for text in reading.texts(path) if text.strip()]
    if item.kind == "boolean":
        texts = texts[-1:]  # an unticked box sends its hidden "false" alone, a ticked one both
    if not texts:
        return _EMPTY, None
    if item.kind == "choices":
        return _choices(reading, item, texts, place)
    if len(texts) > 1:
        reading.errors[place] = wording.ONE_VALUE
        return _EMPTY, texts[0]
    try:
        if item.kind == "lines":
            lines = [line.strip() for line in texts[0].splitlines() if line.strip()]
            return [read_value(item, line) for line in lines], texts[0]
        return read_value(item, texts[0]), texts[0]
    except Unreadable as problem:
        reading.errors[place] = problem.text
        return _EMPTY, texts[0]


def _choices(
    reading: _Reading, item: Field, texts: Sequence[str], place: str
) -> tuple[Any, Sequence[str]]:
    by_text = {str(option.value): option.value for option in item.options}
    if any(text not in by_text for text in texts):
        reading.errors[place] = wording.one_of(item, by_text.values())
        return _EMPTY, list(texts)
    return [value for text, value in by_text.items() if text in texts], list(texts)


def _reshaped(
    fields: Sequence[Field], typed: Mapping[str, Any], post: Mapping[str, Sequence[str]]
) -> Mapping[str, Any]:
    """``typed`` with an empty row more, or with one row less."""
    lists = {item.name: item for item in fields if item.kind == "rows"}
    found = dict(typed)
    for name in post.get(ADD, ()):
        if name in lists:
            rows = list(found.get(name) or [])
            if len(rows) < (lists[name].limits.max_items or 0):
                rows.append({})
            found[name] = rows
    for path in post.get(REMOVE, ()):
        name, _, number = path.partition(".")
        rows = list(found.get(name) or [])
        if name in lists and number.isascii() and number.isdigit() and int(number) < len(rows):
            del rows[int(number)]
            found[name] = rows
    return found
