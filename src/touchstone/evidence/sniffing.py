"""What a file is, by its content alone, and whether it is safe to keep. Pure.

A short list is taken; everything else is refused, however it is named. What unfolds to far more than
it weighs (image and zip bombs) is refused before anybody opens it.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Mapping

from PIL import Image

from touchstone.kernel.refusal import Refusal, refuse

PDF, PNG, JPEG, TIFF = "application/pdf", "image/png", "image/jpeg", "image/tiff"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV, TXT = "text/csv", "text/plain"
EXTENSIONS: Mapping[str, str] = {
    PDF: "pdf",
    PNG: "png",
    JPEG: "jpg",
    TIFF: "tif",
    DOCX: "docx",
    XLSX: "xlsx",
    CSV: "csv",
    TXT: "txt",
}
# An A3 page at 600 dpi has some 70 million dots.
MOST_PIXELS = 100_000_000
MOST_FRAMES = 500
MOST_UNPACKED = 200 * 1024 * 1024
MOST_PARTS = 5000
MOST_RATIO = 200
_SMALL_PART = 1024 * 1024
_CHUNK = 256 * 1024
_FORMATS = {"PNG": PNG, "JPEG": JPEG, "TIFF": TIFF}
_OFFICE = {"word/document.xml": DOCX, "xl/workbook.xml": XLSX}
_MARKUP = re.compile(
    rb"<\s*(?:!doctype|html|head|body|script|svg|iframe|\?xml|\?php)", re.IGNORECASE
)
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")


def type_of(content: bytes, *, extension: str = "") -> str:
    """The media type of a file that may be kept; ``extension`` only tells CSV from plain text.

    Raises:
        Refusal: ``evidence.empty``, ``evidence.type_refused``, ``evidence.damaged``,
            ``evidence.bomb``, ``evidence.macros``.
    """
    if not content:
        raise refuse("evidence.empty", "文件是空的", "The file is empty")
    if content.startswith(b"%PDF-"):
        return _pdf(content)
    if content.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*")):
        return _image(content)
    if content.startswith(b"PK\x03\x04"):
        return _office(content)
    return _text(content, extension)


def _refused() -> Refusal:
    return refuse(
        "evidence.type_refused",
        "不接受这种类型的文件",
        "Files of this kind are not taken",
        remedy_zh="请上传 PDF、PNG、JPEG、TIFF、DOCX、XLSX、CSV 或 TXT 文件",
        remedy_en="Upload a PDF, PNG, JPEG, TIFF, DOCX, XLSX, CSV or TXT file",
    )


def _damaged() -> Refusal:
    return refuse(
        "evidence.damaged",
        "文件已损坏或不完整",
        "The file is damaged or not complete",
        remedy_zh="请重新扫描或重新导出后上传",
        remedy_en="Scan or export it anew",
    )


def _bomb() -> Refusal:
    return refuse(
        "evidence.bomb",
        "文件展开后过大，不予接受",
        "The file unfolds to far more than may be kept",
        remedy_zh="请降低分辨率或拆分后上传",
        remedy_en="Lower the resolution or split it up",
    )


def _pdf(content: bytes) -> str:
    if b"%%EOF" not in content[-2048:]:
        raise _damaged()
    return PDF


def _image(content: bytes) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(io.BytesIO(content), formats=list(_FORMATS)) as image:
                found = _FORMATS[image.format or ""]
                frames = getattr(image, "n_frames", 1)
                if frames > MOST_FRAMES:
                    raise _bomb()
                dots = 0
                for number in range(frames):
                    if number:
                        image.seek(number)
                    dots += image.width * image.height
                    if dots > MOST_PIXELS:
                        raise _bomb()
            with Image.open(io.BytesIO(content), formats=list(_FORMATS)) as image:
                image.verify()
        except Image.DecompressionBombError:
            raise _bomb() from None
        except Refusal:
            raise
        except Exception:  # noqa: BLE001 - whatever a decoder says of a hostile file, it is damaged
            raise _damaged() from None
    return found


def _office(content: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            names = {part.filename for part in parts}
            if any(part.flag_bits & 1 for part in parts):
                raise _refused()
            found = next((kind for name, kind in _OFFICE.items() if name in names), None)
            if found is None or "[Content_Types].xml" not in names:
                raise _refused()
            if any(name.lower().endswith("vbaproject.bin") for name in names):
                raise refuse(
                    "evidence.macros",
                    "不接受带宏的文件",
                    "Files with macros are not taken",
                    remedy_zh="请另存为不带宏的格式",
                    remedy_en="Save it without macros",
                )
            _unfold(archive, parts)
    except Refusal:
        raise
    except Exception:  # noqa: BLE001 - as above
        raise _damaged() from None
    return found


def _unfold(archive: zipfile.ZipFile, parts: list[zipfile.ZipInfo]) -> None:
    """Unpack everything into nothing, and stop where it grows beyond measure; sizes stated may lie."""
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise _bomb()
    whole = 0
    for part in parts:
        size = 0
        with archive.open(part) as opened:
            while chunk := opened.read(_CHUNK):
                size += len(chunk)
                if whole + size > MOST_UNPACKED:
                    raise _bomb()
                if size > _SMALL_PART and size > MOST_RATIO * max(part.compress_size, 1):
                    raise _bomb()
        whole += size


def _text(content: bytes, extension: str) -> str:
    if _CONTROL.search(content) or _MARKUP.search(content[:4096]):
        raise _refused()
    for encoding in ("utf-8", "gb18030"):
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return CSV if extension == "csv" else TXT
    raise _refused()
