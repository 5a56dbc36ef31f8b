"""What a procedure's expressions may see: open variables, never a sealed field. Pure.

A sealed value is in the vault before any rule is asked, so an expression over it would never find
it; whoever writes one is told so when the standard is read, not by a control that never holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass

from touchstone.kernel import feel
from touchstone.kernel.problem import Problem

SEALED = "process.sealed_field"


@dataclass(frozen=True, slots=True)
class View:
    """What expressions are compiled over.

    Attributes:
        names: FEEL types of the open variables.
        sealed: fields of the procedure's forms that are sealed wherever they appear.
        functions: host functions.
    """

    names: Mapping[str, feel.Type]
    sealed: frozenset[str]
    functions: Mapping[str, feel.Function]

    def compile(
        self,
        text: str,
        *,
        file: str,
        line: int,
        element: str | None,
        submitted: Set[str] = frozenset(),
    ) -> feel.Expression | tuple[Problem, ...]:
        """The compiled text, or what is wrong with it, naming the element.

        ``submitted`` are the sealed fields of the form that ``values`` stands for.
        """
        shadowed = dict.fromkeys(self.sealed, feel.ANY)
        found = feel.compile(
            text, names={**shadowed, **self.names}, functions=self.functions, file=file, line=line
        )
        if not isinstance(found, feel.Expression):
            return tuple(
                Problem(item.file, item.line, item.code, item.text_en, item.text_zh, element)
                for item in found
            )
        seen = set(found.names & self.sealed)
        seen |= {field for name, field in found.paths if name == "values" and field in submitted}
        return _sealed(seen, text, file, line, element) if seen else found


def _sealed(
    seen: Iterable[str], text: str, file: str, line: int, element: str | None
) -> tuple[Problem, ...]:
    return tuple(
        Problem(
            file,
            line,
            SEALED,
            f"{element}: {field} is a sealed field and no expression sees it, in {text[:60]!r};"
            " declare it x-open, or derive an open fact from it",
            f"{element}：「{field}」是密封字段，表达式不得使用；可声明为 x-open 或派生公开事实",
            element,
        )
        for field in sorted(seen)
    )
