"""Letters of a version of the standard, read once."""

from __future__ import annotations

from functools import lru_cache

from touchstone.kernel.refusal import refuse
from touchstone.packs.catalogue import Catalogue, ContentObject
from touchstone.service.letters import Letter, read_letter


@lru_cache(maxsize=512)
def _read(found: ContentObject) -> Letter:
    return read_letter(found.id, found.data)


def letter_of(standard: Catalogue, identity: str) -> tuple[Letter, str]:
    """The letter ``identity`` of a version of the standard, and the sha256 of its text.

    Raises:
        Refusal: ``service.no_such_letter``.
    """
    found = standard.get("letter", identity)
    if found is None:
        raise refuse(
            "service.no_such_letter",
            f"标准中没有函件「{identity}」",
            f"The standard has no letter “{identity}”",
        )
    return _read(found), found.sha256


def letters_for(standard: Catalogue, purpose: str) -> tuple[tuple[Letter, str], ...]:
    """The letters of one purpose, in order of id."""
    read = (letter_of(standard, identity) for identity in sorted(standard.objects("letter")))
    return tuple(item for item in read if item[0].purpose == purpose)
