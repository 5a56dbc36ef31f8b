"""What a new version of the standard changes, clause by clause."""

from __future__ import annotations

from dataclasses import replace

import pytest

from touchstone.journal.unit_of_work import ActContext
from touchstone.kernel.refusal import Refusal
from touchstone.packs.apply import apply_pack
from touchstone.packs.catalogue import applied_versions
from touchstone.packs.lock import LOCK
from touchstone.packs.source import Pack, read, shipped_pack
from touchstone.simulation.reset import make_room
from touchstone.standard.differences import differences

pytestmark = pytest.mark.django_db(transaction=True)


def edited(pack: Pack, path: str, old: str, new: str) -> Pack:
    file = pack.files[path]
    text = file.content.decode()
    assert old in text
    content = text.replace(old, new, 1).encode()
    # An edition in the making: its lock would refuse what was changed under the same version.
    kept = {name: item for name, item in pack.files.items() if name != LOCK}
    return replace(pack, files={**kept, path: replace(file, content=content)})


def test_a_reworded_clause_and_a_changed_number_are_told_with_both_values(
    context: ActContext,
) -> None:
    make_room(fresh=True)
    setup = replace(context, actor="system:setup")
    pack = read(shipped_pack())
    apply_pack(setup, pack)
    pack = edited(
        pack, "standard/02-acceptance.md", "收件后首先核验客户身份", "收件后应先核验客户身份"
    )
    limit = "parameters/acceptance/initial_review_limit.yaml"
    pack = edited(
        pack,
        limit,
        'source: "S4-2.1.3.1"}',
        'source: "S4-2.1.3.1"}\n  - {from: 2027-01-01, value: 1wd}',
    )
    apply_pack(setup, pack)

    latest, first = applied_versions()
    found = {change.id: change for change in differences(first.version, latest.version)}

    assert set(found) == {"ACP-01", "ACP-06"}
    assert found["ACP-01"].is_reworded
    assert found["ACP-01"].parameters == ()
    assert not found["ACP-06"].is_reworded
    (number,) = found["ACP-06"].parameters
    assert number.id == "acceptance.initial_review_limit"
    assert number.before is not None
    assert number.after is not None
    assert [value.value for value in number.before] == ["2wd"]
    assert [value.value for value in number.after] == ["2wd", "1wd"]
    assert differences(latest.version, latest.version) == ()


def test_a_version_that_never_was_is_refused() -> None:
    make_room(fresh=True)

    with pytest.raises(Refusal) as refused:
        differences(1, 2)

    assert refused.value.code == "packs.no_such_version"
