"""A kind of content whose form a JSON Schema decides: most YAML kinds are no more than that."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import lru_cache
from importlib import resources
from typing import Any

import jsonschema_rs

from touchstone.kernel.problem import Problem
from touchstone.packs.kinds import Parsed
from touchstone.packs.source import SourceFile, line_of, load_yaml

Check = Callable[[SourceFile, Any, Parsed], Iterable[Problem]]


class SchemaKind:
    """A YAML kind with a schema beside its owner, and an optional check across the pack."""

    def __init__(self, package: str, schema: str, check: Check | None = None) -> None:
        text = resources.files(package).joinpath("schemas", schema).read_text(encoding="utf-8")
        self._validator = jsonschema_rs.Draft202012Validator(json.loads(text))
        self._check = check
        # Lint, plan, apply and the catalogue read the same bytes; nobody changes what they get.
        self._parsed = lru_cache(maxsize=2048)(self._parse)

    def parse(self, file: SourceFile) -> Any | tuple[Problem, ...]:
        """The YAML as plain data, or what its schema refuses."""
        return self._parsed(file.content, file.path)

    def _parse(self, content: bytes, path: str) -> Any | tuple[Problem, ...]:
        loaded = load_yaml(content, path)
        if isinstance(loaded, Problem):
            return (loaded,)
        data = plain_data(loaded)
        return data if self._validator.is_valid(data) else self._problems(content, path)

    def _problems(self, content: bytes, path: str) -> tuple[Problem, ...]:
        """Read again with line numbers, which cost half as much again, now that something is wrong."""
        loaded = load_yaml(content, path, lines=True)
        if isinstance(loaded, Problem):
            return (loaded,)
        return tuple(
            Problem(
                path,
                line_of(loaded, *error.instance_path),
                "packs.schema",
                f"{'/'.join(str(part) for part in error.instance_path) or 'file'}: {error.message[:300]}",
                "内容不符合该类型的格式",
            )
            for error in self._validator.iter_errors(plain_data(loaded))
        )

    def check(self, file: SourceFile, data: Any, pack: Parsed) -> Iterable[Problem]:
        """The owner's check."""
        return self._check(file, data, pack) if self._check else ()


def plain_data(value: Any) -> Any:
    """YAML values as JSON knows them; dates become text."""
    if isinstance(value, Mapping):
        return {str(key): plain_data(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain_data(item) for item in value]
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float | Decimal):
        return str(value)
    return str(value)
