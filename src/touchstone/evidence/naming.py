"""A file's name as it is kept and given back: never a path, never more than letters can say. Pure."""

from __future__ import annotations

import unicodedata

from touchstone.evidence.sniffing import EXTENSIONS

_LONGEST = 80
_MARKS = frozenset(" -_.()()【】《》·、+&@#")


def extension_of(name: str) -> str:
    """The extension as it was sent, small; empty where there is none."""
    return _last(name).rpartition(".")[2].lower() if "." in _last(name) else ""


def clean_name(name: str, media_type: str) -> str:
    """``name`` without path, control and direction marks, with the extension of what it really is."""
    stem = unicodedata.normalize("NFC", _last(name))
    if "." in stem:
        stem = stem.rpartition(".")[0]
    kept = "".join(
        sign for sign in stem if unicodedata.category(sign)[0] in "LMN" or sign in _MARKS
    )
    stem = " ".join(kept.split()).strip(" .")[:_LONGEST].strip(" .")
    return f"{stem or '文件'}.{EXTENSIONS[media_type]}"


def _last(name: str) -> str:
    return name.replace("\\", "/").rpartition("/")[2]
