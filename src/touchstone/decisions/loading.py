"""From a file to a model that runs; imports are found beside the file and nowhere else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote

from touchstone.decisions import model
from touchstone.decisions.dmn import namespace_of, read_definitions
from touchstone.decisions.parameters import Values
from touchstone.decisions.program import Program
from touchstone.decisions.quick import Quick, quick_way
from touchstone.decisions.running import Evaluation, Result, Told, Version
from touchstone.decisions.tables import CompiledTable
from touchstone.decisions.units import Unit, evaluate
from touchstone.kernel import feel
from touchstone.kernel.feel.calling import call_value
from touchstone.kernel.feel.evaluation import CANNOT
from touchstone.kernel.feel.values import Exhausted
from touchstone.kernel.problem import Problem
from touchstone.kernel.time import Clock, SystemClock
from touchstone.kernel.xml import MAX_BYTES

MAX_IMPORTS = 50


class DecisionModelError(Exception):
    """A model cannot be loaded.

    Attributes:
        problems: all of them, each with file, line, element and reason.
    """

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__(
            "; ".join(
                f"{item.file}:{item.line}{f' ({item.element})' if item.element else ''}:"
                f" {item.text_en}"
                for item in problems
            )
        )


class Siblings(Protocol):
    """Where imported models are."""

    def names(self) -> list[str]:
        """Every model beside this one."""
        ...

    def read(self, name: str) -> bytes | None:
        """The bytes of one of them, None where it is not there."""
        ...


class Folder:
    """The models of one folder; nothing above or outside it is read."""

    def __init__(self, path: Path) -> None:
        self._path = path.resolve()

    def names(self) -> list[str]:
        """Its DMN files."""
        return sorted(item.name for item in self._path.glob("*.dmn") if item.is_file())

    def read(self, name: str) -> bytes | None:
        """The bytes of a file in the folder or below it."""
        try:
            path = (self._path / name).resolve()
            if not path.is_relative_to(self._path) or not path.is_file():
                return None
            with path.open("rb") as file:
                return file.read(MAX_BYTES + 1)
        except (OSError, ValueError):
            return None


class Given:
    """Models that are held in memory, by name."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files

    def names(self) -> list[str]:
        """Their names."""
        return sorted(self._files)

    def read(self, name: str) -> bytes | None:
        """One of them."""
        return self._files.get(name)


class Model:
    """A loaded model.

    Attributes:
        name: as the file calls itself.
        sha256: the hash of the file: its version.
        problems: what is wrong in expressions and types; such an expression is null.
    """

    def __init__(self, program: Program, files: Mapping[str, str], clock: Clock) -> None:
        self.program = program
        self.name = program.definitions.name
        self.sha256 = program.definitions.sha256
        self.imported_sha256 = dict(files)
        self._clock = clock
        version = Version(self.sha256, self.imported_sha256)
        self._told = Told(version)
        self._quick: dict[str, Quick] = {}
        for unit in program.units.values():
            way = quick_way(unit, version)
            if way is not None:
                self._quick[unit.name] = way

    @property
    def problems(self) -> tuple[Problem, ...]:
        """In the order of the file, those of imported models after."""
        seen: list[Problem] = []
        for program in _all_programs(self.program):
            seen.extend(sorted(set(program.problems)))
        return tuple(seen)

    @property
    def tables(self) -> list[CompiledTable]:
        """Its decision tables, in the order of the file."""
        return [table for unit in self.program.units.values() for table in unit.tables]

    def _named(self, kind: type) -> list[str]:
        units = self.program.units.values()
        return [unit.name for unit in units if isinstance(unit.element, kind)]

    @property
    def decisions(self) -> list[str]:
        """The names of its decisions."""
        return self._named(model.Decision)

    @property
    def services(self) -> list[str]:
        """The names of its decision services."""
        return self._named(model.Service)

    @property
    def inputs(self) -> list[str]:
        """The names of its input data."""
        return self._named(model.InputData)

    def evaluate(
        self, name: str, inputs: Mapping[str, Any], *, now: dt.datetime | None = None
    ) -> Result:
        """The value of a decision, a decision service, or a knowledge model whose parameters are
        ``inputs``; never raises for what the inputs hold.

        Raises:
            KeyError: the model has no such element.
        """
        quick = self._quick.get(name)
        if quick is not None:
            found = quick(inputs)
            if found is not None:
                return found
        unit = self.program.named(name)
        if unit is None:
            raise KeyError(name)
        run = Evaluation(now or self._clock.now(), inputs)
        value: Any = None
        kind = "decision"
        try:
            value, kind = _asked(unit, run)
        except CANNOT as error:
            run.failed(0, error)
        except Exhausted as error:
            run.fail(0, str(error), error.chinese)
        except (RecursionError, MemoryError):
            run.fail(0, "the model is nested too deep", "模型嵌套过深")
        if kind != "decision" or not run.steps_done or run.steps_done[-1].element != unit.name:
            run.done(unit.name, kind, value, 0)
        return Result(feel.host(value), self._told, run)


def _asked(unit: Unit, run: Evaluation) -> tuple[Any, str]:
    if isinstance(unit.element, model.Service):
        return unit.closure({}, run), "service"
    if isinstance(unit.element, model.KnowledgeModel):
        if unit.value is None:
            run.fail(0, "the knowledge model has no FEEL logic", "业务知识模型没有可运行的逻辑")
            return None, "knowledge model"
        arguments = [_argument(name, kind, run) for name, kind in _parameters(unit)]
        return call_value(unit.value, arguments, run), "knowledge model"
    return evaluate(unit, {}, run), "decision"


def _parameters(unit: Unit) -> list[tuple[str, feel.Type]]:
    return list(zip(unit.value.parameters, unit.value.types, strict=True))


def _argument(name: str, kind: feel.Type, run: Evaluation) -> Any:
    taken = None
    try:
        taken = feel.take_in(run.given.get(name), kind)
    except feel.FeelError as error:
        run.fail(0, f"{name}: {error}", f"{name}: {error.chinese}")
    run.used[name] = taken
    return taken


def _all_programs(start: Program) -> list[Program]:
    found = [start]
    for program in found:
        found.extend(other for other in program.imports.values() if other not in found)
    return found


def load(path: str | Path, *, clock: Clock | None = None) -> Model:
    """The model in a file.

    Args:
        path: the DMN file; models it imports lie in its folder.
        clock: for ``now()`` and ``today()``; the machine's where none is given.

    Raises:
        DecisionModelError: it cannot be loaded; everything that is wrong with it.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            xml = file.read(MAX_BYTES + 1)
    except OSError as error:
        text = f"the file cannot be read: {error.strerror or error}"
        raise DecisionModelError(
            (Problem(path.name, 0, "decisions.no_file", text, "文件无法读取"),)
        ) from None
    return load_bytes(xml, path.name, Folder(path.parent), clock=clock)


def load_bytes(
    xml: bytes,
    file: str,
    siblings: Siblings | None = None,
    *,
    clock: Clock | None = None,
    parameters: Values | None = None,
) -> Model:
    """The model that ``xml`` holds; imports are looked for among ``siblings``.

    ``parameters`` are the values that ``parameter("topic.name")`` stands for; where they are given,
    an expression is compiled with them in its place, so that a table stays one that can be analysed.

    Raises:
        DecisionModelError: it cannot be loaded.
    """
    loader = _Loader(siblings or Given({}), parameters)
    program = loader.program(xml, file, ())
    if program is None:
        raise DecisionModelError(tuple(dict.fromkeys(loader.problems)))
    return Model(program, loader.hashes(program), clock or SystemClock())


class _Loader:
    """Loads one model and, once each, those it imports."""

    def __init__(self, siblings: Siblings, parameters: Values | None = None) -> None:
        self._siblings = siblings
        self._parameters = parameters
        self._programs: dict[str, Program | None] = {}
        self._namespaces: dict[str, str | None] = {}
        self.problems: list[Problem] = []

    def hashes(self, program: Program) -> dict[str, str]:
        """The hashes of the imported files."""
        return {
            other.definitions.file: other.definitions.sha256 for other in _all_programs(program)[1:]
        }

    def program(self, xml: bytes, file: str, way: tuple[str, ...]) -> Program | None:
        """The program of a file, None where something is wrong with it."""
        definitions = read_definitions(xml, file, self._parameters)
        if not isinstance(definitions, model.Definitions):
            self.problems.extend(definitions)
            return None
        imports: dict[str, Program] = {}
        whole = True
        for item in definitions.imports:
            found = self._imported(definitions, item, (*way, definitions.namespace))
            if found is None:
                whole = False
            else:
                imports[item.name] = found
        if not whole:
            return None
        program = Program(definitions, imports)
        self.problems.extend(program.broken)
        return None if program.broken else program

    def _imported(
        self, importer: model.Definitions, item: model.Import, way: tuple[str, ...]
    ) -> Program | None:
        if item.namespace in way:
            self._refused(importer, item, "import_cycle", "models import each other", "循环导入")
            return None
        if len(self._programs) >= MAX_IMPORTS:
            self._refused(importer, item, "imports", "too many imported models", "导入过多")
            return None
        name = self._file_of(item)
        if name is None:
            text = f"no model of the namespace {item.namespace} lies beside the file"
            self._refused(importer, item, "no_import", text, "找不到被导入的模型")
            return None
        if name not in self._programs:
            self._programs[name] = self.program(self._siblings.read(name) or b"", name, way)
        return self._programs[name]

    def _refused(
        self, importer: model.Definitions, item: model.Import, code: str, text: str, chinese: str
    ) -> None:
        self.problems.append(
            Problem(
                importer.file,
                item.place.line,
                f"decisions.{code}",
                text,
                chinese,
                item.name or item.place.element,
            )
        )

    def _file_of(self, item: model.Import) -> str | None:
        """The file at the import's location, else the one of its namespace."""
        if item.location and "://" not in item.location:
            name = unquote(item.location)
            if self._namespace_of(name) == item.namespace:
                return name
        for name in self._siblings.names():
            if self._namespace_of(name) == item.namespace:
                return name
        return None

    def _namespace_of(self, name: str) -> str | None:
        if name not in self._namespaces:
            xml = self._siblings.read(name)
            self._namespaces[name] = None if xml is None else namespace_of(xml)
        return self._namespaces[name]
