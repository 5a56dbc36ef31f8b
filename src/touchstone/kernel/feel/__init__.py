"""FEEL, the one expression language of the house (DMN 1.5, clause 10).

``compile`` turns text into closures; no text ever becomes Python source, and neither ``compile`` nor
``Expression.evaluate`` raises on hostile text. What a text may cost stands in ``limits``.
"""

from touchstone.kernel.feel.calling import call_value
from touchstone.kernel.feel.conformity import coerce, conforms, host, instance_of, text_of
from touchstone.kernel.feel.evaluation import CANNOT
from touchstone.kernel.feel.expression import Expression, Result, compile, parse
from touchstone.kernel.feel.run import Run
from touchstone.kernel.feel.types import (
    ANY,
    BOOLEAN,
    BY_NAME,
    CONTEXT,
    DATE,
    DATE_TIME,
    DAYS_DURATION,
    FUNCTION,
    LIST,
    NULL,
    NUMBER,
    RANGE,
    STRING,
    TIME,
    YEARS_DURATION,
    ContextOf,
    FunctionOf,
    ListOf,
    RangeOf,
    Type,
)
from touchstone.kernel.feel.values import (
    FeelError,
    Function,
    FunctionValue,
    Range,
    YearsMonths,
    contains,
    equal,
    less,
    take_in,
)

__all__ = [
    "ANY",
    "BOOLEAN",
    "BY_NAME",
    "CANNOT",
    "CONTEXT",
    "DATE",
    "DATE_TIME",
    "DAYS_DURATION",
    "FUNCTION",
    "LIST",
    "NULL",
    "NUMBER",
    "RANGE",
    "STRING",
    "TIME",
    "YEARS_DURATION",
    "ContextOf",
    "Expression",
    "FeelError",
    "Function",
    "FunctionOf",
    "FunctionValue",
    "ListOf",
    "Range",
    "RangeOf",
    "Result",
    "Run",
    "Type",
    "YearsMonths",
    "call_value",
    "coerce",
    "compile",
    "conforms",
    "contains",
    "equal",
    "host",
    "instance_of",
    "less",
    "parse",
    "take_in",
    "text_of",
]
