"""The built-in functions of FEEL, a module for each family; each takes and gives FEEL values."""

from __future__ import annotations

from touchstone.kernel.feel.builtins import (
    aggregates,
    calendar,
    contexts,
    conversion,
    lists,
    numbers,
    ranges,
    strings,
)
from touchstone.kernel.feel.lexer import NameTable
from touchstone.kernel.feel.values import Function

_FAMILIES = (conversion, strings, lists, aggregates, numbers, calendar, ranges, contexts)
BUILTINS: dict[str, Function] = {
    function.name: function for family in _FAMILIES for function in family.FUNCTIONS
}
LONG_NAMES = NameTable(name for name in BUILTINS if " " in name)
