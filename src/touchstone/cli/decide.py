"""``touchstone decide``: evaluate a DMN model over inputs in a JSON file, with the rules that matched."""

from __future__ import annotations

import datetime as dt
import json
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from touchstone.cli.output import emit
from touchstone.kernel.refusal import Refusal, refuse

if TYPE_CHECKING:
    from touchstone.decisions import Model, Result

MAX_INPUT = 8 * 1024 * 1024


def register(words: Any) -> None:
    """Add ``decide``."""
    decide: ArgumentParser = words.add_parser("decide", help="evaluate a DMN model over inputs")
    decide.add_argument(
        "model", type=Path, metavar="MODEL.dmn", help="models it imports lie beside it"
    )
    decide.add_argument("--input", type=Path, metavar="FILE", help="JSON: {input name: value}")
    decide.add_argument(
        "--decision", metavar="NAME", help="one decision, service or knowledge model"
    )
    decide.add_argument("--analyse", action="store_true", help="also examine its tables")
    decide.add_argument(
        "--what-if", action="store_true", help="ask it again about the decisions of a past period"
    )
    for name, where in (("--from", "first"), ("--to", "last")):
        decide.add_argument(name, type=dt.date.fromisoformat, dest=where, metavar="DAY")
    decide.add_argument("--amount", metavar="VARIABLE", help="what a what-if adds up")
    decide.add_argument("--json", action="store_true", help="print one JSON object")
    decide.set_defaults(run=_decide)


def _decide(args: Namespace) -> int:
    if args.what_if:
        return _what_if(args)
    started = time.monotonic()
    inputs = _inputs(args.input) if args.input else {}
    model = _model(args.model)
    asked = [args.decision] if args.decision else model.decisions
    results = {name: _evaluated(model, name, inputs) for name in asked}
    matched: dict[str, list[str]] = {}
    for result in results.values():
        matched.update(result.matched_rules)
    data: dict[str, Any] = {
        "results": {name: plain(result.value) for name, result in results.items()},
        "matched_rules": matched,
        "model_sha256": model.sha256,
        "imported_sha256": model.imported_sha256,
        "inputs": {
            name: plain(value)
            for result in results.values()
            for name, value in result.inputs.items()
        },
        "reasons": {
            step.element: [
                {"text": english, "text_zh": chinese}
                for english, chinese in zip(step.reasons, step.reasons_zh, strict=True)
            ]
            for result in results.values()
            for step in result.trace
            if step.reasons
        },
        "problems": [problem.as_dict() for problem in model.problems],
    }
    if args.analyse:
        data["findings"] = [item for found in _analysed(model) for item in found]
    data["seconds"] = round(time.monotonic() - started, 3)
    emit(args, data, _lines(data))
    return 0


def _what_if(args: Namespace) -> int:
    from touchstone.cli.what_if import what_if

    if args.first is None or args.last is None or args.last < args.first:
        raise refuse(
            "decide.period",
            "请用 --from 与 --to 指明时间段",
            "Say which period by --from and --to",
        )
    return what_if(args)


def _analysed(model: Model) -> Iterator[list[dict[str, Any]]]:
    from touchstone.decisions.analysis import analyse

    for table in analyse(model):
        yield [
            {
                **finding.as_dict(),
                "rows": [
                    {name: plain(value) for name, value in row.items()}
                    for row in finding.as_dict()["rows"]
                ],
            }
            for finding in table.findings
        ]


def _inputs(path: Path) -> Mapping[str, Any]:
    try:
        with path.open("rb") as file:
            text = file.read(MAX_INPUT + 1)
    except OSError as error:
        raise _bad_input(f"{path}: {error.strerror or error}") from None
    if len(text) > MAX_INPUT:
        raise _bad_input(f"{path} is larger than {MAX_INPUT} bytes")
    try:
        found = json.loads(text, parse_float=Decimal, parse_int=Decimal, parse_constant=_no_number)
    except (ValueError, RecursionError, ArithmeticError) as error:
        raise _bad_input(f"{path} is not JSON: {error}") from None
    if not isinstance(found, dict):
        raise _bad_input(f"{path} does not hold one JSON object")
    return found


def _no_number(word: str) -> None:
    raise ValueError(f"{word} is not a number")


def _bad_input(text: str) -> Refusal:
    return refuse(
        "decide.input",
        f"输入文件无法使用：{text}",
        f"The input cannot be used: {text}",
        remedy_zh="输入文件应为一个 JSON 对象，键为输入数据的名称",
        remedy_en="Give a file with one JSON object whose keys are the names of the input data",
    )


def _model(path: Path) -> Model:
    from touchstone.decisions import DecisionModelError, load

    try:
        return load(path)
    except DecisionModelError as error:
        chinese = "；".join(
            f"{item.file}:{item.line}{f'({item.element})' if item.element else ''}:{item.text.zh}"
            for item in error.problems
        )
        raise refuse(
            "decide.model",
            f"模型无法加载：{chinese}",
            f"The model cannot be loaded: {error}",
            remedy_zh="请按所列位置逐项修改模型",
            remedy_en="Correct the model at the places named",
        ) from None


def _evaluated(model: Model, name: str, inputs: Mapping[str, Any]) -> Result:
    try:
        return model.evaluate(name, inputs)
    except KeyError:
        known = ", ".join([*model.decisions, *model.services])
        raise refuse(
            "decide.decision",
            f"模型中没有名为“{name}”的决策",
            f"The model has no decision {name!r}",
            remedy_zh=f"可用的名称：{known}",
            remedy_en=f"It has: {known}",
        ) from None


def plain(value: Any) -> Any:
    """A host value as JSON: numbers exact as whole ones, else as numbers of JSON; the rest as text."""
    if isinstance(value, Decimal):
        return _number(value)
    if isinstance(value, dt.timedelta):
        from touchstone.kernel import feel

        return feel.text_of(value)
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {str(name): plain(item) for name, item in value.items()}
    return value if value is None or isinstance(value, (str, bool)) else str(value)


def _number(value: Decimal) -> int | float | str:
    """A number of JSON where that is exact to the digits a reader keeps, else its text."""
    if not value.is_finite() or abs(value.adjusted()) > 300:
        return str(value)
    if value == value.to_integral_value() and value.adjusted() < 40:
        return int(value)
    return float(value)


def _lines(data: Mapping[str, Any]) -> Iterator[str]:
    for name, value in data["results"].items():
        rules = data["matched_rules"].get(name)
        by = f"    ← {', '.join(rules)}" if rules else ""
        yield f"{name}: {json.dumps(value, ensure_ascii=False)}{by}"
    for name, reasons in data["reasons"].items():
        for reason in reasons:
            yield f"  {name}: {reason['text_zh']} / {reason['text']}"
    for problem in data["problems"]:
        yield f"  {problem['file']}:{problem['line']}: {problem['text']}"
    for finding in data.get("findings", ()):
        yield f"  {finding['kind']}: {finding['text']} / {finding['text_zh']}"
    yield f"model sha256 {data['model_sha256']}, {data['seconds']} s"
