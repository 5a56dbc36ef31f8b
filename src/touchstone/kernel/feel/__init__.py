"""FEEL, the one expression language of the house (DMN 1.5, clause 10).

``compile`` turns text into closures; no text ever becomes Python source, and neither ``compile`` nor
``Expression.evaluate`` raises on hostile text. What the language has and this module does not run yet
is refused with ``feel.not_yet``.
"""

from touchstone.kernel.feel.expression import Expression, Result, compile
from touchstone.kernel.feel.values import (
    ANY,
    BOOLEAN,
    CONTEXT,
    DATE,
    DATE_TIME,
    DAYS_DURATION,
    LIST,
    NUMBER,
    STRING,
    TIME,
    YEARS_DURATION,
    FeelError,
    Function,
    Range,
    Type,
    YearsMonths,
    take_in,
)

__all__ = [
    "ANY",
    "BOOLEAN",
    "CONTEXT",
    "DATE",
    "DATE_TIME",
    "DAYS_DURATION",
    "LIST",
    "NUMBER",
    "STRING",
    "TIME",
    "YEARS_DURATION",
    "Expression",
    "FeelError",
    "Function",
    "Range",
    "Result",
    "Type",
    "YearsMonths",
    "compile",
    "take_in",
]
