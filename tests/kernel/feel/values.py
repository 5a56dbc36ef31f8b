"""Evaluating one text in a test."""

from __future__ import annotations

import datetime as dt
from typing import Any

from touchstone.kernel import feel

NOW = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC)


def value_of(text: str, *, strict: bool = False, **names: Any) -> Any:
    """The value of ``text`` where ``names`` hold FEEL values."""
    compiled = feel.compile(text, names=dict.fromkeys(names, feel.ANY), strict=strict)
    assert isinstance(compiled, feel.Expression), compiled
    return compiled.run(names, feel.Run(NOW))


def shown(text: str, **names: Any) -> str:
    """The value of ``text`` as FEEL writes it."""
    return feel.text_of(value_of(text, **names), inside=True)


def why_null(text: str, **names: Any) -> str:
    """Why ``text`` is null."""
    compiled = feel.compile(text, names=dict.fromkeys(names, feel.ANY), strict=False)
    assert isinstance(compiled, feel.Expression), compiled
    run = feel.Run(NOW)
    assert compiled.run(names, run) is None
    return run.problems[0][1] if run.problems else ""
