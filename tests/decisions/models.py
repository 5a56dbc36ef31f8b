"""DMN written short: what the tests of this package load."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

from touchstone.decisions import Model, load_bytes

DMN15 = "https://www.omg.org/spec/DMN/20230324/MODEL/"
OWN = "https://touchstone.example/dmn"


def definitions(
    body: str, *, name: str = "m", namespace: str = "ns", version: str = DMN15
) -> bytes:
    return (
        f'<definitions xmlns="{version}" xmlns:ts="{OWN}" name="{name}" namespace="{namespace}">'
        f"{body}</definitions>"
    ).encode()


def loaded(body: str) -> Model:
    return load_bytes(definitions(body), "m.dmn")


def text(words: str) -> str:
    return f"<literalExpression><text>{escape(words)}</text></literalExpression>"


def input_data(name: str, kind: str = "number") -> str:
    typed = f' typeRef="{kind}"' if kind else ""
    return (
        f"<inputData id={quoteattr('i ' + name)} name={quoteattr(name)}>"
        f"<variable name={quoteattr(name)}{typed}/></inputData>"
    )


def decision(
    name: str, logic: str, needs: Sequence[str] = (), knows: Sequence[str] = (), kind: str = ""
) -> str:
    """``needs`` are ids: ``i x`` of an input, ``d x`` of a decision; ``knows`` those of functions."""
    typed = f' typeRef="{kind}"' if kind else ""
    required = "".join(
        f"<informationRequirement><{'requiredInput' if need[0] == 'i' else 'requiredDecision'}"
        f" href={quoteattr('#' + need)}/></informationRequirement>"
        for need in needs
    )
    known = "".join(
        f"<knowledgeRequirement><requiredKnowledge href={quoteattr('#' + know)}/></knowledgeRequirement>"
        for know in knows
    )
    return (
        f"<decision id={quoteattr('d ' + name)} name={quoteattr(name)}>"
        f"<variable name={quoteattr(name)}{typed}/>{required}{known}{logic}</decision>"
    )


def knowledge(name: str, parameters: Sequence[tuple[str, str]], logic: str, kind: str = "") -> str:
    listed = "".join(f'<formalParameter name="{n}" typeRef="{t}"/>' for n, t in parameters)
    typed = f' typeRef="{kind}"' if kind else ""
    return (
        f'<businessKnowledgeModel id="k {name}" name="{name}"><variable name="{name}"{typed}/>'
        f"<encapsulatedLogic>{listed}{logic}</encapsulatedLogic></businessKnowledgeModel>"
    )


Column = tuple[str, str] | tuple[str, str, str]


def table(
    inputs: Sequence[Column],
    outputs: Sequence[Column],
    rules: Sequence[Sequence[str]],
    *,
    policy: str = "UNIQUE",
    aggregation: str = "",
    defaults: Sequence[str] = (),
    extension: str = "",
    marks: Sequence[str] = (),
) -> str:
    """Columns are (expression or name, type, allowed values); a rule's cells go from left to right."""
    head = "".join(
        f"<input {mark}><inputExpression{_typed(column[1])}><text>{escape(column[0])}</text>"
        f"</inputExpression>{_values('inputValues', column)}</input>"
        for column, mark in zip(inputs, [*marks, *[""] * len(inputs)], strict=False)
    )
    results = "".join(
        f'<output name="{column[0]}"{_typed(column[1])}>{_values("outputValues", column)}'
        f"{_default(defaults, number)}</output>"
        for number, column in enumerate(outputs)
    )
    rows = "".join(
        f'<rule id="r{number}">'
        + "".join(f"<inputEntry><text>{escape(c)}</text></inputEntry>" for c in row[: len(inputs)])
        + "".join(
            f"<outputEntry><text>{escape(c)}</text></outputEntry>" for c in row[len(inputs) :]
        )
        + "</rule>"
        for number, row in enumerate(rules, 1)
    )
    how = f' aggregation="{aggregation}"' if aggregation else ""
    own = f"<extensionElements>{extension}</extensionElements>" if extension else ""
    return f'<decisionTable hitPolicy="{policy}"{how}>{own}{head}{results}{rows}</decisionTable>'


def _typed(kind: str) -> str:
    return f' typeRef="{kind}"' if kind else ""


def _values(tag: str, column: Column) -> str:
    return f"<{tag}><text>{escape(column[2])}</text></{tag}>" if len(column) > 2 else ""


def _default(defaults: Sequence[str], number: int) -> str:
    if number >= len(defaults):
        return ""
    return f"<defaultOutputEntry><text>{escape(defaults[number])}</text></defaultOutputEntry>"


def one_table(
    inputs: Sequence[Column],
    outputs: Sequence[Column],
    rules: Sequence[Sequence[str]],
    **more: object,
) -> Model:
    """A model of one decision ``d`` by one table over input data named as its columns."""
    body = "".join(input_data(column[0], column[1]) for column in inputs)
    logic = table(inputs, outputs, rules, **more)  # type: ignore[arg-type]
    return loaded(body + decision("d", logic, [f"i {column[0]}" for column in inputs]))
