"""Who acted on what: the fold adds to it for good, and rows of the older form turn into the same."""

from __future__ import annotations

from importlib import import_module

from touchstone.process.folds import acted_also

turned = import_module("touchstone.process.migrations.0007_actors_by_person")._turned


def test_everybody_who_acted_is_kept_with_every_step_once() -> None:
    first = acted_also({}, "review", ["bob", "ann"])
    second = acted_also(first, "approve", ["bob"])

    assert second == {"bob": ["approve", "review"], "ann": ["review"]}
    assert acted_also(second, "review", ["ann", "bob"]) is second
    assert first == {"bob": ["review"], "ann": ["review"]}, "a fold changes nothing in place"


def test_a_row_by_steps_turns_into_what_the_fold_makes() -> None:
    by_steps = {"review": ["bob", "ann"], "approve": ["bob"]}
    folded = acted_also(acted_also({}, "review", ["bob", "ann"]), "approve", ["bob"])

    assert turned(by_steps) == folded
