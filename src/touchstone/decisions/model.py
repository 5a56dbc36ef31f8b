"""What a DMN file says, as frozen values; nothing here is resolved, typed or compiled yet."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class TypeName:
    """A type as referred to: built in when ``namespace`` is None.

    Attributes:
        name: without prefix; a dotted name may begin with the name of an import.
        namespace: that of the model which defines it.
    """

    name: str
    namespace: str | None


@dataclass(frozen=True, slots=True)
class Variable:
    """A name with its type, as of a decision, a parameter or an entry."""

    name: str
    type: TypeName | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands.

    Attributes:
        line: 1-based.
        element: id, or the name where there is none.
    """

    line: int
    element: str


@dataclass(frozen=True, slots=True)
class Literal:
    """A text in FEEL.

    Attributes:
        language: set where it is in another one.
        written: as the file has it, where ``text`` holds the values of its parameters instead.
    """

    place: Place
    text: str
    type: TypeName | None = None
    language: str | None = None
    written: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a boxed context; without a variable it is the result."""

    variable: Variable | None
    value: Expression | None


@dataclass(frozen=True, slots=True)
class Context:
    """A boxed context."""

    place: Place
    entries: tuple[Entry, ...]
    type: TypeName | None = None


@dataclass(frozen=True, slots=True)
class ListOf:
    """A boxed list."""

    place: Place
    items: tuple[Expression, ...]
    type: TypeName | None = None


@dataclass(frozen=True, slots=True)
class Relation:
    """A boxed relation: a list of contexts, one for each row."""

    place: Place
    columns: tuple[Variable, ...]
    rows: tuple[tuple[Expression, ...], ...]
    type: TypeName | None = None


@dataclass(frozen=True, slots=True)
class Invocation:
    """A boxed invocation with its bindings by parameter name."""

    place: Place
    function: Expression | None
    bindings: tuple[tuple[str, Expression | None], ...]
    type: TypeName | None = None


@dataclass(frozen=True, slots=True)
class FunctionDefinition:
    """A boxed function; ``kind`` is FEEL, Java or PMML."""

    place: Place
    kind: str
    parameters: tuple[Variable, ...]
    body: Expression | None
    type: TypeName | None = None


@dataclass(frozen=True, slots=True)
class Conditional:
    """A boxed if, then, else."""

    place: Place
    condition: Expression
    then: Expression
    otherwise: Expression
    type: TypeName | None = None


@dataclass(frozen=True, slots=True)
class Filter:
    """A boxed filter."""

    place: Place
    source: Expression
    match: Expression
    type: TypeName | None = None


@dataclass(frozen=True, slots=True)
class Iteration:
    """A boxed for, some or every."""

    place: Place
    kind: str
    variable: str
    source: Expression
    body: Expression
    type: TypeName | None = None


@dataclass(frozen=True, slots=True)
class Word:
    """What a coded value of a column is called."""

    value: str
    label: str
    label_en: str


@dataclass(frozen=True, slots=True)
class Input:
    """A column of conditions.

    Attributes:
        values: those it may take, None where all of its type.
        nullable: whether the author says that it may be null.
        whole: whether the author says that it is a whole number.
        label_en: its heading in English.
        words: its coded values in both languages.
    """

    place: Place
    label: str
    expression: Literal
    values: Literal | None
    nullable: bool = False
    whole: bool = False
    label_en: str = ""
    words: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class Output:
    """A column of results."""

    place: Place
    name: str
    type: TypeName | None
    values: Literal | None
    default: Literal | None
    label: str = ""
    label_en: str = ""
    words: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """A row: a cell for each input, each output and each annotation."""

    place: Place
    conditions: tuple[Literal, ...]
    results: tuple[Literal, ...]
    annotations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Monotone:
    """A promise that one output only rises, or only falls, as one input grows."""

    place: Place
    output: str
    input: str
    rises: bool


@dataclass(frozen=True, slots=True)
class DeclaredGap:
    """A part of the input space that is left open on purpose: one test for each input."""

    place: Place
    conditions: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Table:
    """A decision table.

    Attributes:
        policy: U, A, P, F, R, O or C.
        aggregation: "", "+", "<", ">" or "#".
    """

    place: Place
    policy: str
    aggregation: str
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    rules: tuple[Rule, ...]
    annotations: tuple[str, ...] = ()
    monotone: tuple[Monotone, ...] = ()
    gaps: tuple[DeclaredGap, ...] = ()
    type: TypeName | None = None


Expression: TypeAlias = (
    Literal
    | Context
    | ListOf
    | Relation
    | Invocation
    | FunctionDefinition
    | Conditional
    | Filter
    | Iteration
    | Table
)


@dataclass(frozen=True, slots=True)
class Reference:
    """An element of this model (``namespace`` None) or of an imported one, by its id."""

    namespace: str | None
    id: str
    line: int


@dataclass(frozen=True, slots=True)
class InputData:
    """What is handed in."""

    place: Place
    id: str
    name: str
    variable: Variable


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision, what it needs and its logic.

    Attributes:
        name_en: its name in English.
        clauses: ids of the clauses of the standard that it serves.
    """

    place: Place
    id: str
    name: str
    variable: Variable
    requires: tuple[Reference, ...]
    knowledge: tuple[Reference, ...]
    logic: Expression | None
    question: str = ""
    description: str = ""
    name_en: str = ""
    clauses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KnowledgeModel:
    """A business knowledge model: a named function."""

    place: Place
    id: str
    name: str
    variable: Variable
    knowledge: tuple[Reference, ...]
    logic: FunctionDefinition | None


@dataclass(frozen=True, slots=True)
class Service:
    """A decision service."""

    place: Place
    id: str
    name: str
    variable: Variable
    outputs: tuple[Reference, ...]
    encapsulated: tuple[Reference, ...]
    input_decisions: tuple[Reference, ...]
    input_data: tuple[Reference, ...]


Element: TypeAlias = InputData | Decision | KnowledgeModel | Service


@dataclass(frozen=True, slots=True)
class ItemDefinition:
    """A type of the modeller.

    Attributes:
        base: the type it restricts or collects.
        allowed: what each value, or each item of a collection, must satisfy.
        constraint: what the value as a whole must satisfy.
        function: (parameters, result) of a function type.
    """

    place: Place
    name: str
    base: TypeName | None
    components: tuple[ItemDefinition, ...]
    collection: bool
    allowed: Literal | None
    constraint: Literal | None
    function: tuple[tuple[Variable, ...], TypeName | None] | None = None


@dataclass(frozen=True, slots=True)
class Import:
    """Another model whose elements are used under ``name``."""

    place: Place
    name: str
    namespace: str
    location: str | None


@dataclass(frozen=True, slots=True)
class Definitions:
    """One file."""

    file: str
    name: str
    namespace: str
    sha256: str
    elements: tuple[Element, ...]
    types: tuple[ItemDefinition, ...]
    imports: tuple[Import, ...] = field(default=())
