"""Closures that define and call functions."""

from __future__ import annotations

from typing import Any

from touchstone.kernel.feel import syntax as tree
from touchstone.kernel.feel.conformity import coerce
from touchstone.kernel.feel.evaluation import CANNOT, Builder, builds, constant_of
from touchstone.kernel.feel.inference import type_of
from touchstone.kernel.feel.run import Closure, Names, Run
from touchstone.kernel.feel.types import ANY
from touchstone.kernel.feel.values import FeelError, Function, FunctionValue, kind_of

_LONG = 128


def call_builtin(function: Function, values: list[Any], run: Run) -> Any:
    """What a built-in or host function gives; long arguments count as work.

    Raises:
        FeelError: and other computing errors, where it has no value.
    """
    for value in values:
        kind = type(value)
        if (kind is str or kind is list or kind is dict) and len(value) > _LONG:
            run.charge(len(value) >> 5)
    if function.needs_now:
        result = function.call(run.now, *values)
    elif function.needs_run:
        result = function.call(run, *values)
    else:
        result = function.call(*values)
    kind = type(result)
    if kind is list or kind is dict:
        return run.made(result)
    return run.text(result) if kind is str and len(result) > _LONG else result


def call_value(function: FunctionValue, values: list[Any], run: Run) -> Any:
    """What a function value gives for arguments in order.

    Raises:
        FeelError: the arguments do not fit.
    """
    count, needed = len(values), len(function.parameters)
    least = needed if function.least is None else function.least
    if count < least or (count > needed and not function.variadic):
        raise FeelError(f"it does not take {count} arguments", f"不能有{count}个参数")
    for place, kind in enumerate(function.types[:count]):
        if kind is ANY or values[place] is None:
            continue
        fitting = coerce(values[place], kind)
        if fitting is None:
            raise FeelError(
                f"argument {place + 1} is not a {kind.value}",
                f"第{place + 1}个参数不是{kind.value}",
            )
        values[place] = fitting
    run.enter()
    try:
        result = function.call(run, *values)
    finally:
        run.calls -= 1
    asked = function.result
    return result if asked is None or asked is ANY else coerce(result, asked)


def by_name(signatures: tuple[tuple[str, ...], ...], named: dict[str, Any]) -> list[Any]:
    """Named arguments in the order of the first signature that has all of them.

    Raises:
        FeelError: none has.
    """
    for signature in signatures:
        if named.keys() <= set(signature):
            last = max((place for place, name in enumerate(signature) if name in named), default=-1)
            return [named.get(name) for name in signature[: last + 1]]
    given = ", ".join(named)
    raise FeelError(f"it has no parameters {given}", f"没有参数{given}")


def _check_kinds(function: Function, given: dict[str, Any]) -> None:
    for name, kind in function.kinds.items():
        if name in given and kind_of(given[name]) != kind:
            raise FeelError(f"{name} must be a {kind}", f"{name}须为{kind}")


def _call(builder: Builder, node: tree.Call) -> Closure:
    function = builder.functions[node.name]
    constant = constant_of(builder, node)
    if constant is not None:
        return lambda names, run: constant
    arguments = [builder.build(argument) for argument in node.arguments]
    offset, named = node.offset, node.named
    if not named and len(arguments) == 1:
        only = arguments[0]

        def invoke_one(names: Names, run: Run) -> Any:
            value = only(names, run)
            try:
                return call_builtin(function, [value], run)
            except CANNOT as error:
                return run.failed(offset, error, function.name)

        return invoke_one

    def invoke(names: Names, run: Run) -> Any:
        values = [argument(names, run) for argument in arguments]
        try:
            if named:
                given = dict(zip(named, values, strict=True))
                _check_kinds(function, given)
                values = by_name(function.signatures, given)
                if len(values) < function.least:
                    values += [None] * (function.least - len(values))
            return call_builtin(function, values, run)
        except CANNOT as error:
            return run.failed(offset, error, function.name)

    return invoke


def _invocation(builder: Builder, node: tree.Invocation) -> Closure:
    function = builder.build(node.function)
    arguments = [builder.build(argument) for argument in node.arguments]
    offset, named = node.offset, node.named
    builtin = as_value(builder.functions[node.builtin]) if node.builtin else None

    def invoke(names: Names, run: Run) -> Any:
        target = function(names, run)
        if not isinstance(target, FunctionValue):
            if builtin is None:
                kind = kind_of(target)
                return run.fail(offset, f"a {kind} is no function", f"{kind}不是函数")
            target = builtin
        values = [argument(names, run) for argument in arguments]
        try:
            if named:
                values = by_name((target.parameters,), dict(zip(named, values, strict=True)))
                values += [None] * (len(target.parameters) - len(values))
            return call_value(target, values, run)
        except CANNOT as error:
            return run.failed(offset, error, target.name)

    return invoke


def _definition(builder: Builder, node: tree.FunctionDefinition) -> Closure:
    parameters = tuple(name for name, _ in node.parameters)
    types = tuple(kind for _, kind in node.parameters)
    if node.body is None:
        return lambda names, run: FunctionValue(parameters, types, _refuse)
    body = builder.build(node.body)
    kind = type_of(node.body, dict(node.parameters))
    cost = sum(1 for _ in tree.walk(node.body)) // 2

    def define(names: Names, run: Run) -> FunctionValue:
        def call(run: Run, *values: Any) -> Any:
            run.charge(cost)
            return body({**names, **dict(zip(parameters, values, strict=True))}, run)

        return FunctionValue(parameters, types, call, kind)

    return define


def _refuse(run: Run, *values: Any) -> Any:
    raise FeelError("external functions are not run", "不运行外部函数")


def as_value(function: Function) -> FunctionValue:
    """A built-in or host function as a value."""
    longest = max(function.signatures, key=len, default=())
    parameters = longest if len(longest) >= function.least else ("",) * function.least

    def call(run: Run, *values: Any) -> Any:
        return call_builtin(function, list(values), run)

    return FunctionValue(
        parameters,
        (ANY,) * len(parameters),
        call,
        name=function.name,
        least=function.least,
        variadic=function.most > len(parameters),
    )


def _built_in(builder: Builder, node: tree.BuiltIn) -> Closure:
    value = as_value(builder.functions[node.name])
    return lambda names, run: value


builds(tree.Call, _call)
builds(tree.Invocation, _invocation)
builds(tree.FunctionDefinition, _definition)
builds(tree.BuiltIn, _built_in)
