"""DMN 1.1 to 1.5 XML read into ``model.Definitions``; every problem of the file at once."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from io import BytesIO

from lxml import etree

from touchstone.decisions import model
from touchstone.decisions.dmn_boxed import BoxedReader
from touchstone.decisions.dmn_elements import (
    MODELS,
    Source,
    body,
    child,
    children,
    extensions,
    local,
    own,
    type_named,
    variable_of,
)
from touchstone.decisions.parameters import Values
from touchstone.kernel.problem import Problem
from touchstone.kernel.xml import Element, read_root


def read_definitions(
    xml: bytes, file: str, parameters: Values | None = None
) -> model.Definitions | tuple[Problem, ...]:
    """The model that ``xml`` holds, its parameters standing for their values, or everything that is
    wrong with it."""
    root = read_root(xml, file, "decisions")
    if isinstance(root, Problem):
        return (root,)
    tag = root.tag if isinstance(root.tag, str) else ""
    space, _, name = tag.lstrip("{").rpartition("}")
    if name != "definitions" or space not in MODELS:
        text = "the root is not DMN definitions of version 1.1 to 1.5"
        return (Problem(file, 1, "decisions.no_definitions", text, "根元素不是 DMN definitions"),)
    return _Reader(root, file, hashlib.sha256(xml).hexdigest(), parameters).read()


def namespace_of(xml: bytes) -> str | None:
    """The namespace of a model, from its first tag alone; None where it is no model."""
    try:
        for _, root in etree.iterparse(
            BytesIO(xml), events=("start",), resolve_entities=False, no_network=True, load_dtd=False
        ):
            space, _, name = str(root.tag).lstrip("{").rpartition("}")
            named = name == "definitions" and space in MODELS
            return (root.get("namespace") or "").strip() if named else None
    except etree.XMLSyntaxError:
        return None
    return None


class _Reader:
    """Reads one file."""

    def __init__(self, root: Element, file: str, sha256: str, parameters: Values | None) -> None:
        self.root = root
        self.sha256 = sha256
        self.source = Source(file, root, parameters)
        self.boxed = BoxedReader(self.source)

    def read(self) -> model.Definitions | tuple[Problem, ...]:
        root, source = self.root, self.source
        elements = tuple(self._elements())
        types = tuple(self._item(item) for item in children(root, "itemDefinition"))
        imports = tuple(self._imports())
        self._unique(elements)
        if source.problems:
            return tuple(sorted(source.problems))
        return model.Definitions(
            source.file,
            root.get("name") or "",
            source.namespace,
            self.sha256,
            elements,
            types,
            imports,
        )

    def _unique(self, elements: tuple[model.Element, ...]) -> None:
        ids = Counter(item.id for item in elements)
        names = Counter((item.name, isinstance(item, model.InputData)) for item in elements)
        for item in elements:
            if ids[item.id] > 1:
                self.source.problem(
                    item.place, "duplicate_id", f"the id {item.id} is used twice", "标识重复"
                )
            if names[item.name, isinstance(item, model.InputData)] > 1:
                self.source.problem(
                    item.place, "duplicate_name", f"the name {item.name} is used twice", "名称重复"
                )

    def _elements(self) -> Iterator[model.Element]:
        for item in self.root:
            kind = local(item)
            if kind in ("inputData", "decision", "businessKnowledgeModel", "decisionService"):
                name = self.source.name_of(item)
                if not name:
                    self.source.problem(
                        self.source.place(item), "no_name", f"a {kind} without a name", "缺少名称"
                    )
                    continue
                yield getattr(self, f"_{kind.lower()}")(item, name)

    def _inputdata(self, item: Element, name: str) -> model.InputData:
        variable = variable_of(self.source, child(item, "variable"), name)
        return model.InputData(self.source.place(item), item.get("id") or name, name, variable)

    def _decision(self, item: Element, name: str) -> model.Decision:
        source = self.source
        requires = [
            reference
            for requirement in children(item, "informationRequirement")
            for part in children(requirement, "requiredDecision", "requiredInput")
            if (reference := source.reference(part)) is not None
        ]
        logic = self.boxed.only(item)
        return model.Decision(
            source.place(item),
            item.get("id") or name,
            name,
            variable_of(source, child(item, "variable"), name),
            tuple(requires),
            self._knowledge(item),
            logic,
            body(child(item, "question")),
            body(child(item, "description")),
            own(item, "name-en"),
            tuple(part.get("id") or "" for part in extensions(item, "clause")),
        )

    def _knowledge(self, item: Element) -> tuple[model.Reference, ...]:
        return tuple(
            reference
            for requirement in children(item, "knowledgeRequirement")
            for part in children(requirement, "requiredKnowledge")
            if (reference := self.source.reference(part)) is not None
        )

    def _businessknowledgemodel(self, item: Element, name: str) -> model.KnowledgeModel:
        logic = child(item, "encapsulatedLogic")
        return model.KnowledgeModel(
            self.source.place(item),
            item.get("id") or name,
            name,
            variable_of(self.source, child(item, "variable"), name),
            self._knowledge(item),
            None if logic is None else self.boxed.function(logic),
        )

    def _decisionservice(self, item: Element, name: str) -> model.Service:
        def references(kind: str) -> tuple[model.Reference, ...]:
            found = (self.source.reference(part) for part in children(item, kind))
            return tuple(reference for reference in found if reference is not None)

        return model.Service(
            self.source.place(item),
            item.get("id") or name,
            name,
            variable_of(self.source, child(item, "variable"), name),
            references("outputDecision"),
            references("encapsulatedDecision"),
            references("inputDecision"),
            references("inputData"),
        )

    def _item(self, item: Element) -> model.ItemDefinition:
        source = self.source
        place = source.place(item)
        name = source.name_of(item)
        if not name:
            source.problem(place, "no_name", "an item definition without a name", "缺少名称")
        function = child(item, "functionItem")
        parameters = None
        if function is not None:
            listed = tuple(
                variable_of(source, part, part.get("name") or "")
                for part in children(function, "parameters")
            )
            parameters = (listed, type_named(source, function, function.get("outputTypeRef")))
        base = child(item, "typeRef")
        return model.ItemDefinition(
            place,
            name,
            type_named(source, item if base is None else base, body(base) or item.get("typeRef")),
            tuple(self._item(part) for part in children(item, "itemComponent")),
            (item.get("isCollection") or "").strip() in ("true", "1"),
            self.boxed.tests(child(item, "allowedValues")),
            self.boxed.tests(child(item, "typeConstraint")),
            parameters,
        )

    def _imports(self) -> Iterator[model.Import]:
        for item in children(self.root, "import"):
            if item.get("importType", "").strip() not in MODELS:
                continue
            place = self.source.place(item)
            namespace = (item.get("namespace") or "").strip()
            if not namespace:
                self.source.problem(
                    place, "no_namespace", "an import without namespace", "导入缺少命名空间"
                )
                continue
            yield model.Import(
                place, (item.get("name") or "").strip(), namespace, item.get("locationURI")
            )
