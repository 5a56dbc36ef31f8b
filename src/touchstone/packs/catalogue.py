"""The standard in force, and every earlier version: immutable, cached by the content stream's head."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache, wraps
from typing import Any, TypeVar, TypeVarTuple

from django.db import connection

from touchstone.journal.projections import Projection, Values
from touchstone.journal.reading import head_position
from touchstone.kernel.parameters import Parameter, read_parameter
from touchstone.kernel.refusal import refuse
from touchstone.kernel.time import at_local, to_microseconds
from touchstone.packs.folds import OVERLAYS, STREAM, VERSIONS
from touchstone.packs.kinds import CONTENT_KINDS
from touchstone.packs.overlay import ID, KIND
from touchstone.packs.source import SourceFile

DEFAULT_CALENDAR = "cn"
_Rest = TypeVarTuple("_Rest")
_Made = TypeVar("_Made")


@dataclass(frozen=True)
class ContentObject:
    """One object of the standard; its bytes and data are read when asked for."""

    kind: str
    id: str
    path: str
    sha256: str

    @property
    def content(self) -> bytes:
        """The bytes as applied."""
        return content(self.sha256)

    @property
    def data(self) -> Any:
        """The parsed data, read once per content."""
        return _data(self.kind, self.id, self.path, self.sha256)


@dataclass(frozen=True)
class Catalogue:
    """Every object of one version of the standard.

    Attributes:
        version: position on the content stream; 0 where nothing is applied.
        overlay: the institution's own values, where it has set any.
    """

    version: int
    pack: str
    pack_version: str
    manifest: tuple[ContentObject, ...]
    overlay: ContentObject | None = None

    @cached_property
    def _by_kind(self) -> Mapping[str, Mapping[str, ContentObject]]:
        kinds: dict[str, dict[str, ContentObject]] = {}
        for item in self.manifest:
            kinds.setdefault(item.kind, {})[item.id] = item
        return kinds

    @cached_property
    def fingerprint(self) -> str:
        """A digest of all it holds: a version's number is one database's own, this is not."""
        items = (*self.manifest, self.overlay)
        return hashlib.sha256(repr(items).encode()).hexdigest()

    def objects(self, kind: str) -> Mapping[str, ContentObject]:
        """Id -> object of one kind."""
        return self._by_kind.get(kind, {})

    def get(self, kind: str, identity: str) -> ContentObject | None:
        """One object, or None."""
        return self.objects(kind).get(identity)

    def parameter(self, identity: str) -> Parameter | None:
        """A parameter with the institution's own values where it has set any; None: no such one."""
        found = self.get("parameter", identity)
        if found is None:
            return None
        own = self.overlay.data["values"].get(identity) if self.overlay else None
        known = read_parameter(identity, found.data)
        return known.overlaid(own) if own else known

    @property
    def calendar(self) -> str:
        """Id of the calendar that the institution keeps: its own choice, or the pack's."""
        header = self.get("pack", "pack")
        chosen = self.overlay.data.get("calendar") if self.overlay else None
        return str(chosen or (header and header.data.get("calendar")) or DEFAULT_CALENDAR)


_NOTHING = Catalogue(0, "", "", ())


def catalogue(version: int | None = None) -> Catalogue:
    """The standard in force, or as it was at ``version``.

    Raises:
        Refusal: ``packs.no_such_version``.
    """
    wanted = head_position(STREAM) if version is None else version
    return _NOTHING if wanted == 0 else _version(wanted)


@lru_cache(maxsize=64)
def _version(version: int) -> Catalogue:
    row, overlaid = _last(VERSIONS, version), _last(OVERLAYS, version)
    if row is None:
        raise refuse(
            "packs.no_such_version",
            "没有这个版本的标准",
            "There is no such version of the standard",
        )
    manifest = tuple(ContentObject(*item) for item in row["manifest"])
    overlay = ContentObject(KIND, ID, overlaid["file"], overlaid["sha256"]) if overlaid else None
    newest = max(row["version"], overlaid["version"] if overlaid else 0)
    return Catalogue(newest, row["pack"], row["pack_version"], manifest, overlay)


def _last(projection: Projection, version: int) -> Values | None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"{projection.select} WHERE version <= %s ORDER BY version DESC LIMIT 1", (version,)
        )
        stored = cursor.fetchone()
    return projection.decode(stored) if stored else None


def per_version(make: Callable[[int, *_Rest], _Made]) -> Callable[[int, *_Rest], _Made]:
    """Keep what ``make`` makes of a version of the standard, while the version holds the same."""

    @lru_cache(maxsize=256)
    def kept(_fingerprint: str, version: int, *rest: Any) -> _Made:
        return make(version, *rest)

    def asked(version: int, *rest: *_Rest) -> _Made:
        return kept(catalogue(version).fingerprint, version, *rest)

    return wraps(make)(asked)


@lru_cache(maxsize=4096)
def content(digest: str) -> bytes:
    """Stored bytes by sha256."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT bytes FROM packs_content WHERE sha256 = %s", (digest,))
        stored = cursor.fetchone()
    assert stored is not None, f"content {digest} is gone"
    return bytes(stored[0])


@lru_cache(maxsize=4096)
def _data(kind: str, identity: str, path: str, digest: str) -> Any:
    owner = CONTENT_KINDS.get(kind)
    return owner.parse(SourceFile(path, content(digest), kind, identity))


def forget() -> None:
    """Empty the cache of versions, for an empty database; what a digest names stays true."""
    _version.cache_clear()


@dataclass(frozen=True, slots=True)
class AppliedVersion:
    """A version of the standard as it was put in force; the instant in microseconds.

    Attributes:
        is_overlay: whether it brought the institution's own values, with the pack as it was before.
    """

    version: int
    pack: str
    pack_version: str
    applied_at: int
    is_overlay: bool = False


def catalogue_on(day: dt.date | None) -> Catalogue:
    """The standard in force at the end of a day; None: now. Nothing where none was applied by then."""
    if day is None:
        return catalogue()
    until = to_microseconds(at_local(day + dt.timedelta(days=1), dt.time()))
    known = [item.version for item in applied_versions() if item.applied_at < until]
    return catalogue(max(known, default=0))


def applied_versions() -> tuple[AppliedVersion, ...]:
    """Every applied version, of the pack and of the institution's overlay, the latest first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT version, pack, pack_version, applied_at FROM packs_version")
        packs = [AppliedVersion(*row) for row in cursor.fetchall()]
        cursor.execute("SELECT version, applied_at FROM packs_overlay")
        overlays = cursor.fetchall()
    found = list(packs)
    for version, applied_at in overlays:
        below = max(
            (item for item in packs if item.version < version), key=lambda item: item.version
        )
        found.append(
            AppliedVersion(version, below.pack, below.pack_version, applied_at, is_overlay=True)
        )
    return tuple(sorted(found, key=lambda item: item.version, reverse=True))
