"""An exemption is the exception: beyond one normative clause in five lint refuses the standard."""

from __future__ import annotations

from dataclasses import replace

from touchstone.packs.lint import lint
from touchstone.packs.lock import LOCK
from touchstone.packs.source import Pack, read, shipped_pack

_EXEMPT = """kind: N
exempt:
  reason: {zh: 试, en: Tried}
  owner: quality
  expires: 2099-12-31
"""


def _with_exemptions(pack: Pack, wanted: int) -> Pack:
    """The pack with so many more of its normative clauses exempted."""
    files = {name: item for name, item in pack.files.items() if name != LOCK}
    for name, item in files.items():
        if item.kind != "chapter" or not wanted:
            continue
        blocks = item.content.decode().split("```yaml\n")
        for place, block in enumerate(blocks):
            facts = block.partition("```")[0]
            if wanted and facts.startswith("kind: N\n") and "exempt:" not in facts:
                blocks[place] = _EXEMPT + block.removeprefix("kind: N\n")
                wanted -= 1
        files[name] = replace(item, content="```yaml\n".join(blocks).encode())
    assert not wanted
    return replace(pack, files=files)


def test_one_in_five_may_be_exempted_and_no_more() -> None:
    pack = read(shipped_pack())  # 13 of 231: 33 more make 46, the last that a fifth allows

    allowed = {item.code for item in lint(_with_exemptions(pack, 33))}
    assert "standard.too_many_exemptions" not in allowed
    found = [
        item
        for item in lint(_with_exemptions(pack, 34))
        if item.code == "standard.too_many_exemptions"
    ]
    assert len(found) == 1
    assert "47 of 231" in found[0].text.en
