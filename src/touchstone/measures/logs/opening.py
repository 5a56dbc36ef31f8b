"""The bytes of a log file, unpacked while read."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path

from touchstone.measures.logs.problems import Problems

_READ = 1 << 20
_CHUNK = 24 << 20
LARGEST = 64 << 30
# Logs pack 10 to 40 times; what packs far better than any log was made to burst whoever opens it.
_HIGHEST_RATIO, _JUDGED_FROM = 300, 64 << 20


def _unpacked(path: Path, problems: Problems) -> Iterator[bytes]:
    with path.open("rb") as file:
        packed = file.read(_READ)
        while packed:
            machine = zlib.decompressobj(wbits=31)
            while packed and not machine.eof:
                try:
                    yield machine.decompress(packed, _CHUNK)
                except zlib.error as error:
                    raise problems.fail(
                        0,
                        "log.damaged_archive",
                        f"压缩文件已损坏：{error}",
                        f"the gzip file is damaged: {error}",
                    ) from None
                packed = machine.unconsumed_tail or (b"" if machine.eof else file.read(_READ))
            if not machine.eof:
                raise problems.fail(
                    0,
                    "log.truncated_archive",
                    "压缩文件不完整",
                    "the gzip file ends too early; fetch it again",
                )
            # Further members follow at once; some tools pad the end with zeroes.
            packed = machine.unused_data.lstrip(b"\0") or file.read(_READ).lstrip(b"\0")


def _plain(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def is_gzip(path: Path) -> bool:
    """Whether the file begins as gzip does, whatever its name says."""
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def chunks_of(path: Path, problems: Problems) -> Iterator[bytes]:
    """The file's bytes, unpacked, in chunks of about 24 MiB.

    Raises:
        LogBroken: the archive is damaged or cut, or unpacks to far more than any log.
    """
    gathered: list[bytes] = []
    size = total = 0
    packed = is_gzip(path)
    most = max(_JUDGED_FROM, path.stat().st_size * _HIGHEST_RATIO) if packed else LARGEST
    for piece in _unpacked(path, problems) if packed else _plain(path):
        gathered.append(piece)
        size += len(piece)
        total += len(piece)
        if total > LARGEST:
            raise problems.fail(
                0, "log.too_large", "解压后过大", "the file unpacks to more than 64 GiB"
            )
        if total > most:
            raise problems.fail(
                0,
                "log.too_large",
                f"解压后超过压缩文件的 {_HIGHEST_RATIO} 倍，不是正常的日志",
                f"the file unpacks to over {_HIGHEST_RATIO} times its size, as no log does",
            )
        if size >= _CHUNK:
            yield b"".join(gathered)
            gathered, size = [], 0
    if gathered:
        yield b"".join(gathered)
