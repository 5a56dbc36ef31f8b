"""Links and roots change whenever anything they cover changes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from touchstone.kernel.chain import GENESIS, link, merkle_root

texts = st.lists(st.text(max_size=20), min_size=1, max_size=12)


def chain(rows: list[str]) -> list[bytes]:
    hashes, previous = [], GENESIS
    for row in rows:
        previous = link(previous, row)
        hashes.append(previous)
    return hashes


@given(texts, st.data())
def test_a_changed_row_changes_every_later_hash(rows: list[str], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(rows) - 1))
    changed = [*rows[:place], rows[place] + "x", *rows[place + 1 :]]

    before, after = chain(rows), chain(changed)

    assert before[:place] == after[:place]
    assert all(old != new for old, new in zip(before[place:], after[place:], strict=True))


@given(st.lists(st.binary(min_size=1, max_size=8), min_size=1, max_size=20, unique=True), st.data())
def test_a_root_depends_on_every_leaf_and_its_place(
    leaves: list[bytes], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(leaves))
    place = data.draw(st.integers(0, len(leaves) - 1))

    assert (merkle_root(shuffled) == merkle_root(leaves)) == (list(shuffled) == leaves)
    assert merkle_root(leaves[:place] + leaves[place + 1 :]) != merkle_root(leaves)


def test_an_odd_leaf_is_not_counted_twice() -> None:
    assert merkle_root([b"a", b"b", b"c"]) != merkle_root([b"a", b"b", b"c", b"c"])
