"""Storing, keeping, opening and removing files; the only writer of the store.

Who may do so is said by the module whose act it is part of; the functions named ``…_within`` are
parts of such acts. A file is written before the act that refers to it, and is removed some days
later where none did.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.conf import settings

from touchstone.evidence import folder
from touchstone.evidence.naming import clean_name, extension_of
from touchstone.evidence.ports import SCANNER, Verdict
from touchstone.evidence.sniffing import type_of
from touchstone.identity.authority import require
from touchstone.identity.queries import directory
from touchstone.journal.unit_of_work import ActContext, UnitOfWork, perform
from touchstone.kernel.facts import Fact, ObjectRef
from touchstone.kernel.refusal import refuse
from touchstone.kernel.time import day_of, to_microseconds
from touchstone.vault.actions import (
    new_data_key,
    reference_of,
    remove_within,
    reseal,
    reveal_within,
    seal,
)
from touchstone.vault.cipher import NONCE_BYTES, SealBroken, decrypt, encrypt

_COLUMNS = "subject, sha256, place, media_type, size, scan, stored_by, stored_at"
_MARGIN = dt.timedelta(days=1)
_TOKEN_BYTES = 8


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that lies in the store."""

    sha256: str
    media_type: str
    size: int
    scan: str
    stored_by: str

    def as_data(self) -> dict[str, Any]:
        """What facts say of it."""
        return {"type": self.media_type, "bytes": self.size, "scan": self.scan}


@dataclass(frozen=True, slots=True)
class Opened:
    """A file as it is handed out: its bytes, a harmless name, the type that its content has."""

    content: bytes
    name: str
    media_type: str


@dataclass
class Prepared:
    """A file that was looked into and written, and that no row points to yet."""

    digest: str
    name: str
    media_type: str
    size: int
    verdict: Verdict
    place: str
    key: bytes
    is_used: bool = False


@contextmanager
def prepared(context: ActContext, name: str, content: bytes) -> Iterator[Prepared]:
    """Look into a file and write it encrypted; what no act stores within the block is removed.

    Raises:
        Refusal: ``evidence.too_large``, ``evidence.infected`` and those of ``sniffing.type_of``.
    """
    if len(content) > settings.EVIDENCE_MAX_BYTES:
        most = settings.EVIDENCE_MAX_BYTES // (1024 * 1024)
        raise refuse(
            "evidence.too_large",
            f"文件不得超过 {most} MB",
            f"A file has at most {most} MB",
            remedy_zh="请压缩或拆分后上传",
            remedy_en="Make it smaller or split it up",
        )
    media_type = type_of(content, extension=extension_of(name))
    verdict = SCANNER.sole().scan(content)
    if verdict.result == "infected":
        raise refuse(
            "evidence.infected",
            "文件含有恶意代码，未予保存",
            "The file holds malicious code and was not kept",
        )
    digest, chance = sha256(content).hexdigest(), context.chance
    place = folder.place_of(digest, chance.token_bytes(_TOKEN_BYTES))
    key = new_data_key(chance)
    folder.write(place, encrypt(key, chance.token_bytes(NONCE_BYTES), content, place))
    found = Prepared(
        digest, clean_name(name, media_type), media_type, len(content), verdict, place, key
    )
    try:
        yield found
    except BaseException:
        found.is_used = False
        raise
    finally:
        if not found.is_used:
            folder.remove(place)


def store_within(unit: UnitOfWork, subject: str, file: Prepared) -> Stored:
    """Give a prepared file to ``subject``; the same bytes again are the file that is there already."""
    file.is_used = False
    known = _row(unit, subject, file.digest)
    if known is not None:
        unit.execute(
            "UPDATE evidence_file SET stored_at = %s WHERE reference = %s AND is_kept = %s",
            (unit.now_us, _reference(subject, file.digest), False),
        )
        return known
    details = {"key": file.key.hex(), "name": file.name}
    seal(unit, subject, {_field(file.digest): details}, version=1)
    scan = f"{file.verdict.result} {file.verdict.scanner}".strip()
    stored = Stored(file.digest, file.media_type, file.size, scan, unit.context.actor)
    _insert(unit, subject, stored, file.place)
    data = {"sha256": file.digest, **stored.as_data()}
    unit.record(
        f"subject:{subject}",
        Fact("evidence.file_stored", data, (ObjectRef("subject", subject),)),
    )
    file.is_used = True
    return stored


def adopt_within(
    unit: UnitOfWork, source: str, subject: str, digests: Iterable[str]
) -> Mapping[str, Stored]:
    """Give ``subject``, which is new, what was stored for ``source`` before it existed, and keep it.

    Raises:
        Refusal: ``evidence.not_stored``.
    """
    found: dict[str, Stored] = {}
    for digest in sorted(set(digests)):
        stored, place, _ = _usable(unit, source, digest)
        reference = _reference(source, digest)
        reseal(unit, reference, subject, _field(digest), version=1)
        _insert(unit, subject, stored, place, kept=True)
        # Else the earlier key would still open it when the subject is erased.
        remove_within(unit, reference)
        unit.execute("DELETE FROM evidence_file WHERE reference = %s", (reference,))
        found[digest] = stored
    return found


def keep_within(unit: UnitOfWork, subject: str, digests: Iterable[str]) -> Mapping[str, Stored]:
    """Say that an act refers to files of ``subject``; digest -> what lies in the store.

    Raises:
        Refusal: ``evidence.not_stored``: nobody uploaded it, or it was removed since.
    """
    found: dict[str, Stored] = {}
    for digest in sorted(set(digests)):
        found[digest], _, is_kept = _usable(unit, subject, digest)
        if not is_kept:
            unit.execute(
                "UPDATE evidence_file SET is_kept = %s WHERE reference = %s",
                (True, _reference(subject, digest)),
            )
    return found


def _usable(unit: UnitOfWork, subject: str, digest: str) -> tuple[Stored, str, bool]:
    """A file, its place and whether it is kept; what is too old may be on its way out."""
    rows = unit.read(
        f"SELECT {_COLUMNS}, is_kept FROM evidence_file WHERE reference = %s",
        (_reference(subject, digest),),
    )
    oldest = to_microseconds(unit.now - _longest())
    if not rows or not (rows[0][-1] or rows[0][7] >= oldest):
        raise refuse(
            "evidence.not_stored",
            "引用的文件未上传，或因久未使用已被清理",
            "A file named was not uploaded, or was removed because nobody used it",
            remedy_zh="请重新上传",
            remedy_en="Upload it again",
        )
    return _stored(rows[0]), str(rows[0][2]), bool(rows[0][-1])


def open_within(unit: UnitOfWork, subject: str, digest: str, reason: str) -> Opened:
    """A file's bytes; that it was shown, to whom and why is an event.

    Raises:
        Refusal: ``evidence.no_such_file``, ``evidence.broken``, ``vault.no_reason``,
            ``vault.no_such_value``.
    """
    row = _row(unit, subject, digest)
    if row is None:
        raise refuse("evidence.no_such_file", "没有这份文件", "There is no such file")
    place = _place(unit, subject, digest)
    details = reveal_within(unit, _reference(subject, digest), reason)
    content = opened(place, bytes.fromhex(details["key"]), digest)
    if content is None:
        raise refuse(
            "evidence.broken",
            "文件缺失或已被改动，已拒绝显示",
            "The file is gone or was tampered with",
            remedy_zh="请通知系统管理员从备份恢复",
            remedy_en="Tell the system administrator; it may be restored from a backup",
        )
    return Opened(content, details["name"], row.media_type)


def opened(place: str, key: bytes, digest: str) -> bytes | None:
    """The plain bytes at a place; None where they are not the ones that were stored."""
    sealed = folder.read(place)
    if sealed is None:
        return None
    try:
        content = decrypt(key, sealed, place)
    except SealBroken:
        return None
    return content if sha256(content).hexdigest() == digest else None


def remove_orphans(context: ActContext) -> int:
    """Remove files that no act refers to after some days, and those of erased subjects; how many.

    Raises:
        Refusal: ``identity.not_permitted``.
    """

    def work(unit: UnitOfWork) -> list[str]:
        require(directory(), context.actor, "evidence.tidy", day_of(unit.now))
        oldest = to_microseconds(unit.now - _longest() - _MARGIN)
        rows = unit.read(
            "SELECT f.reference, f.subject, f.sha256, f.place FROM evidence_file f"
            " LEFT JOIN vault_subject_key k ON k.subject = f.subject"
            " WHERE (f.is_kept = %s AND f.stored_at < %s) OR k.subject IS NULL"
            " ORDER BY f.reference",
            (False, oldest),
        )
        for reference, subject, digest, _ in rows:
            unit.execute("DELETE FROM evidence_file WHERE reference = %s", (reference,))
            remove_within(unit, reference)
            unit.record(
                f"subject:{subject}",
                Fact("evidence.file_removed", {"sha256": digest}, (ObjectRef("subject", subject),)),
            )
        return [str(row[3]) for row in rows]

    places = perform("evidence.remove_orphans", context, work)
    for place in places:
        folder.remove(place)
    return len(places)


def remove_strays(context: ActContext) -> int:
    """Remove what lies in the folder and no row points to: uploads that broke off, rows that are gone.

    Only for a store at rest: a file that is just being stored has no row yet.
    """

    def work(unit: UnitOfWork) -> frozenset[str]:
        require(directory(), context.actor, "evidence.tidy", day_of(unit.now))
        rows = unit.read("SELECT DISTINCT place FROM evidence_file")
        return frozenset(row[0] for row in rows)

    with_row = perform("evidence.remove_strays", context, work)
    strays = [place for place in folder.places() if place not in with_row]
    for place in strays:
        folder.remove(place)
    return len(strays)


def _longest() -> dt.timedelta:
    return dt.timedelta(days=settings.EVIDENCE_ORPHAN_DAYS)


def _field(digest: str) -> str:
    return f"file-{digest}"


def _reference(subject: str, digest: str) -> str:
    return reference_of(subject, _field(digest), 1)


def _row(unit: UnitOfWork, subject: str, digest: str) -> Stored | None:
    rows = unit.read(
        f"SELECT {_COLUMNS} FROM evidence_file WHERE reference = %s",
        (_reference(subject, digest),),
    )
    return _stored(rows[0]) if rows else None


def _stored(row: tuple[Any, ...]) -> Stored:
    return Stored(row[1], row[3], row[4], row[5], row[6])


def _place(unit: UnitOfWork, subject: str, digest: str) -> str:
    rows = unit.read(
        "SELECT place FROM evidence_file WHERE reference = %s", (_reference(subject, digest),)
    )
    return str(rows[0][0])


def _insert(
    unit: UnitOfWork, subject: str, stored: Stored, place: str, *, kept: bool = False
) -> None:
    unit.execute(
        f"INSERT INTO evidence_file (reference, {_COLUMNS}, is_kept)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (
            _reference(subject, stored.sha256),
            subject,
            stored.sha256,
            place,
            stored.media_type,
            stored.size,
            stored.scan,
            stored.stored_by,
            unit.now_us,
            kept,
        ),
    )
