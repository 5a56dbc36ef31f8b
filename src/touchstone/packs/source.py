"""A pack folder in memory: every file with its bytes, kind and id. Bounded, and safe to read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from importlib import resources
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from touchstone.kernel.problem import Problem

MAX_FILES = 5_000
MAX_FILE_BYTES = 4 * 1024 * 1024
SHIPPED = "fsqms-cn"
_MOST_BRACKETS, _LONGEST_LINE = 1_000, 2_000

# Folder pattern -> kind; the id is made of the named parts of the path.
_KINDS: tuple[tuple[str, str, str], ...] = (
    ("pack", r"pack\.yaml", "pack"),
    ("roles", r"roles\.yaml", "roles"),
    ("parameter", r"parameters/(\w+)/(\w+)\.yaml", "{0}.{1}"),
    ("chapter", r"standard/([^/]+)\.md", "{0}"),
    ("chapter_en", r"standard/en/([^/]+)\.md", "{0}"),
    ("procedure", r"procedures/(\w+)/procedure\.yaml", "{0}"),
    ("diagram", r"procedures/(\w+)/([^/]+\.bpmn)", "{0}/{1}"),
    ("form", r"procedures/(\w+)/forms/(\w+)\.schema\.json", "{0}/{1}"),
    ("scenario", r"procedures/(\w+)/scenarios/([^/]+)\.yaml", "{0}/{1}"),
    ("decision", r"decisions/(\w+)\.dmn", "{0}"),
    ("scorecard", r"decisions/(\w+)\.scorecard\.yaml", "{0}"),
    ("indicator", r"indicators/(\w+)\.yaml", "{0}"),
    ("report", r"reports/([\w-]+)\.yaml", "{0}"),
    ("register", r"registers/([\w-]+)\.yaml", "{0}"),
    ("course", r"courses/([\w-]+)\.yaml", "{0}"),
    ("letter", r"letters/(\w+)\.yaml", "{0}"),
    ("limit", r"limits/(\w+)\.yaml", "{0}"),
    ("calendar", r"calendars/([\w-]+)\.yaml", "{0}"),
)
_PATTERNS = [(kind, re.compile(pattern), name) for kind, pattern, name in _KINDS]
_UNVERSIONED = frozenset({"CHANGELOG.md", "lock.json", "README.md"})


@dataclass(frozen=True)
class SourceFile:
    """One file of a pack.

    Attributes:
        path: relative to the pack, with ``/``.
        kind, id: what it is; None where no kind claims the path.
    """

    path: str
    content: bytes
    kind: str | None
    id: str | None

    @property
    def digest(self) -> str:
        """sha256 of the bytes, hex."""
        return sha256(self.content).hexdigest()


@dataclass(frozen=True)
class Pack:
    """Every file of a pack, and what was wrong with reading it."""

    name: str
    files: Mapping[str, SourceFile]
    problems: tuple[Problem, ...] = field(default=())

    def of_kind(self, kind: str) -> Iterator[SourceFile]:
        """Its files of one kind, in order of path."""
        return (file for _, file in sorted(self.files.items()) if file.kind == kind)

    def objects(self) -> Iterator[SourceFile]:
        """Every file that is content of some kind, in order of path."""
        return (file for _, file in sorted(self.files.items()) if file.kind)


def shipped_pack() -> Path:
    """The folder of the standard that ships with the product."""
    return Path(str(resources.files("touchstone"))) / "content" / SHIPPED


def read(folder: Path) -> Pack:
    """Read a pack folder; what cannot be read is a problem of the pack, never an exception."""
    problems: list[Problem] = []
    files: dict[str, SourceFile] = {}
    if not folder.is_dir():
        missing = Problem(
            str(folder), 0, "packs.no_folder", "there is no such folder", "没有这个文件夹"
        )
        return Pack(folder.name, {}, (missing,))
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            problems.append(
                Problem(name, 0, "packs.link", "links are not followed", "不接受符号链接")
            )
            continue
        if not path.is_file() or any(part.startswith((".", "__")) for part in name.split("/")):
            continue
        if len(files) >= MAX_FILES:
            problems.append(
                Problem(
                    name,
                    0,
                    "packs.too_many",
                    f"a pack has at most {MAX_FILES} files",
                    f"标准包至多 {MAX_FILES} 个文件",
                )
            )
            break
        content = _content(path)
        if isinstance(content, str):
            problems.append(Problem(name, 0, "packs.unreadable", content, "文件过大或无法读取"))
            continue
        kind, identity = classify(name)
        if kind is None and name not in _UNVERSIONED:
            problems.append(
                Problem(
                    name,
                    0,
                    "packs.unknown_file",
                    "no kind of content has this path",
                    "路径不属于任何内容类型",
                )
            )
        files[name] = SourceFile(name, content, kind, identity)
    return Pack(folder.name, files, tuple(problems))


def _content(path: Path) -> bytes | str:
    """The bytes of a file, or why they are not read."""
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            return f"larger than {MAX_FILE_BYTES} bytes"
        return path.read_bytes()
    except OSError as error:
        return error.strerror or type(error).__name__


def classify(path: str) -> tuple[str | None, str | None]:
    """Kind and id of a path within a pack."""
    for kind, pattern, name in _PATTERNS:
        found = pattern.fullmatch(path)
        if found:
            return kind, name.format(*found.groups())
    return None, None


def load_yaml(content: bytes, path: str, *, lines: bool = False) -> Any | Problem:
    """YAML as plain data (with line numbers where asked), or what is wrong with it."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        return Problem(path, 0, "packs.encoding", f"not UTF-8: {error.reason}", "不是 UTF-8 编码")
    if alias := _alias(text):
        return Problem(
            path,
            alias,
            "packs.alias",
            "anchors and aliases are not accepted",
            "不接受 YAML 锚点与别名",
        )
    if not lines and _is_plain(text):
        # Four times as fast. What it does not take is read again below, to be named in one way.
        with suppress(YAMLError, ValueError):
            return _reader("safe", pure=False).load(text)
    try:
        data = _reader("rt" if lines else "safe", pure=True).load(text)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        return Problem(path, line, "packs.yaml", str(error.problem), "YAML 格式错误")
    except (YAMLError, ValueError, RecursionError) as error:
        return Problem(path, 0, "packs.yaml", str(error)[:200], "YAML 格式错误")
    return data


def _reader(kind: str, *, pure: bool) -> YAML:
    reader = YAML(typ=kind, pure=pure)
    reader.allow_duplicate_keys = False
    return reader


def _is_plain(text: str) -> bool:
    """Whether the reader in C may have the text: it knows no directives, nor an end of nesting.

    A block cannot be nested deeper than twice its longest line, nor brackets beyond their number.
    """
    if "\n%" in f"\n{text}" or text.count("[") + text.count("{") > _MOST_BRACKETS:
        return False
    return max(map(len, text.splitlines()), default=0) <= _LONGEST_LINE


def _alias(text: str) -> int:
    """The line of the first anchor or alias, 0 where there is none or the text is no YAML.

    They let a small file stand for an enormous one.
    """
    if "&" not in text and "*" not in text:
        return 0
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            if getattr(event, "anchor", None):
                return int(event.start_mark.line) + 1
    except (YAMLError, ValueError, RecursionError):
        return 0  # what is wrong with it, loading says
    return 0


def header_of(pack: Pack) -> dict[str, Any]:
    """The pack's own facts from ``pack.yaml``, which lint has accepted."""
    loaded = load_yaml(pack.files["pack.yaml"].content, "pack.yaml")
    assert isinstance(loaded, dict), "lint comes first"
    return loaded


def line_of(data: Any, *path: str | int) -> int:
    """The 1-based line of a key in data loaded with ``lines``; of the nearest parent that has one."""
    line = 1
    for part in path:
        position = getattr(data, "lc", None)
        if position is None:
            return line
        try:
            found = position.key(part) if hasattr(data, "items") else position.item(part)
            line = int(found[0]) + 1
            data = data[part]
        except (KeyError, IndexError, TypeError, AttributeError):
            return line
    return line
