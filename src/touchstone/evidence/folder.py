"""Where the encrypted bytes lie: a folder, through Django's storage interface, so S3 can take its place.

Names are made here from digests and chance; nothing a user sends ever becomes part of a path.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage, Storage, storages

_PLACE = re.compile(r"[0-9a-f]{2}/[0-9a-f]{64}\.[0-9a-f]{16}", re.ASCII)


class EvidenceFolder(FileSystemStorage):
    """A folder whose files are whole and on the disk once they have their name."""

    @property
    def location(self) -> str:
        """The folder that the settings name."""
        return str(Path(settings.EVIDENCE))

    def _save(self, name: str, content: File[bytes]) -> str:
        path = Path(self.path(name))
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial = path.with_suffix(f"{path.suffix}.part")
        with os.fdopen(
            os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb"
        ) as file:
            for chunk in content.chunks():
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
        return name


def place_of(sha256: str, token: bytes) -> str:
    """A place for a file of this digest that nothing else has."""
    return _checked(f"{sha256[:2]}/{sha256}.{token.hex()}")


def write(place: str, sealed: bytes) -> None:
    """Keep encrypted bytes at a place."""
    _storage().save(_checked(place), ContentFile(sealed))


def read(place: str) -> bytes | None:
    """The encrypted bytes; None where they are gone."""
    try:
        with _storage().open(_checked(place)) as file:
            return bytes(file.read())
    except FileNotFoundError:
        return None


def remove(place: str) -> None:
    """Take the bytes away."""
    with suppress(FileNotFoundError):
        _storage().delete(_checked(place))


def places() -> Iterator[str]:
    """Every place that holds something."""
    storage = _storage()
    try:
        folders, _ = storage.listdir("")
    except FileNotFoundError:
        return
    for folder in sorted(folders):
        for name in sorted(storage.listdir(folder)[1]):
            if _PLACE.fullmatch(f"{folder}/{name}"):
                yield f"{folder}/{name}"


def _checked(place: str) -> str:
    assert _PLACE.fullmatch(place), "a place is made of a digest and chance"
    return place


def _storage() -> Storage:
    return storages["evidence"]
