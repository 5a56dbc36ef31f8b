"""What a BPMN file says of data must agree with itself. The engine moves no data by it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from touchstone.process.diagram.reading import Element, body, children, flag, local, reference
from touchstone.process.diagram.vocabulary import ACTIVITIES, EVENTS, Found, every

_HOLDERS = {
    "property": ACTIVITIES | EVENTS | {"process"},
    "dataInputAssociation": ACTIVITIES | {"endEvent", "intermediateThrowEvent"},
    "dataOutputAssociation": ACTIVITIES | {"startEvent", "intermediateCatchEvent", "boundaryEvent"},
    "ioSpecification": (ACTIVITIES - {"subProcess", "transaction", "adHocSubProcess"})
    | {"process", "globalTask", "globalUserTask"},
}


def _data(root: Element) -> Found:
    known = {element.get("id"): element for element in root.iter() if element.get("id")}
    for name, holders in _HOLDERS.items():
        for element in every(root, {name}):
            if local(element.getparent()) not in holders:
                yield element, "data", f"a {name} does not belong here", f"{name} 的位置不对"
    for element in every(root, {"dataInputAssociation", "dataOutputAssociation"}):
        if not children(element, "targetRef"):
            yield element, "data", "a data association has a target", "数据关联缺少目标"
    for element in every(root, {"dataObject", "dataInput", "dataOutput"}):
        item = known.get(reference(element, "itemSubjectRef"))
        if item is not None and flag(item, "isCollection", False) != flag(
            element, "isCollection", False
        ):
            yield (
                element,
                "data",
                "isCollection differs from its item's",
                "isCollection 与数据项不一致",
            )


def _specifications(root: Element) -> Found:
    for element in every(root, {"ioSpecification"}):
        if not children(element, "inputSet") or not children(element, "outputSet"):
            yield element, "data", "it needs an input set and an output set", "缺少输入集或输出集"
        for kind, group in (("dataInput", "inputSet"), ("dataOutput", "outputSet")):
            listed = {
                body(item)
                for holder in children(element, group)
                for item in children(holder, f"{kind}Refs")
            }
            for item in children(element, kind):
                if item.get("id") not in listed:
                    yield item, "data", f"no {group} lists it", f"未列入任何 {group}"


_OPERATING = frozenset({"serviceTask", "sendTask", "receiveTask"})
_MIME = re.compile(r"[\w.+-]+/[\w.+-]+", re.ASCII)
_FILLED = frozenset({"messagePath", "dataPath", "transformation"})


class _Items:
    """The items of data by id of what holds them, and whether two of them agree."""

    def __init__(self, root: Element) -> None:
        self.known: Mapping[str | None, Element] = {
            item.get("id"): item for item in root.iter() if item.get("id")
        }

    def of(self, holder: Element | None) -> Element | None:
        """The item definition of a data element, a reference to one, a message or an event."""
        if holder is None:
            return None
        referred = reference(holder, "dataObjectRef")
        if referred is not None:
            return self.of(self.known.get(referred))
        for attribute in ("itemSubjectRef", "itemRef", "structureRef"):
            found = self.known.get(reference(holder, attribute))
            if found is not None:
                return found
        return None

    @staticmethod
    def agree(one: Element | None, other: Element | None) -> bool:
        """The same item, or two of the same structure; where one is not said, it is not judged."""
        if one is None or other is None or one is other:
            return True
        structure = one.get("structureRef")
        return structure is not None and structure == other.get("structureRef")

    def named(self, text: str) -> Element | None:
        """What a reference in an element's text names."""
        return self.known.get(text.rpartition(":")[2])


def _of_operations(root: Element) -> Found:
    items = _Items(root)
    for task in every(root, _OPERATING):
        for specification in children(task, "ioSpecification"):
            inputs, outputs = (
                children(specification, "dataInput"),
                children(specification, "dataOutput"),
            )
            sets = children(specification, "inputSet"), children(specification, "outputSet")
            if any(len(group) > 1 for group in sets) or len(inputs) > 1 or len(outputs) > 1:
                yield task, "data", "it takes and gives one item at most", "最多一个输入和一个输出"
            operation = items.known.get(reference(task, "operationRef"))
            ends = [(inputs, "inMessageRef"), (outputs, "outMessageRef")]
            if local(task) == "receiveTask":
                ends = [(outputs, "inMessageRef")]
            for held, name in ends:
                message = None
                if operation is not None:
                    message = next(
                        (items.named(body(item)) for item in children(operation, name)), None
                    )
                message = message if message is not None else _own_message(task, items)
                for item in held:
                    if not items.agree(items.of(item), items.of(message)):
                        yield item, "data", "its item is not the message's", "数据项与消息不一致"


def _own_message(task: Element, items: _Items) -> Element | None:
    return items.known.get(reference(task, "messageRef"))


def _of_calls(root: Element) -> Found:
    items = _Items(root)
    for call in every(root, {"callActivity"}):
        called = items.known.get(reference(call, "calledElement"))
        if called is None:
            continue
        for kind, word in (("dataInput", "inputs"), ("dataOutput", "outputs")):
            ours, theirs = (_specified(element, kind) for element in (call, called))
            if len(ours) != len(theirs):
                yield call, "data", f"not the {word} of what it calls", "与被调用者的数据不一致"
                continue
            for mine, other in zip(ours, theirs, strict=True):
                if not items.agree(items.of(mine), items.of(other)):
                    yield mine, "data", "its item is not the called one's", "数据项与被调用者不一致"
    for binding in every(root, {"ioBinding"}):
        operation = items.known.get(reference(binding, "operationRef"))
        if operation is None:
            continue
        for attribute, name in (
            ("inputDataRef", "inMessageRef"),
            ("outputDataRef", "outMessageRef"),
        ):
            data = items.known.get(reference(binding, attribute))
            for message in children(operation, name):
                if not items.agree(items.of(data), items.of(items.named(body(message)))):
                    yield binding, "data", "its item is not the operation's", "数据项与操作不一致"


def _specified(element: Element, kind: str) -> list[Element]:
    return [item for held in children(element, "ioSpecification") for item in children(held, kind)]


def _of_loops(root: Element) -> Found:
    items = _Items(root)
    ends = (("loopDataInputRef", "inputDataItem"), ("loopDataOutputRef", "outputDataItem"))
    for loop in every(root, {"multiInstanceLoopCharacteristics"}):
        for whole, part in ends:
            for held in children(loop, whole):
                collection = items.of(items.named(body(held)))
                for single in children(loop, part):
                    item = items.of(single)
                    if not items.agree(collection, item):
                        yield single, "data", "it is no item of the collection", "不是集合的元素"
                    elif item is not None and flag(item, "isCollection", False):
                        yield single, "data", "an item is no collection", "元素本身不能是集合"


def _of_associations(root: Element) -> Found:
    items = _Items(root)
    for association in every(root, {"dataInputAssociation", "dataOutputAssociation"}):
        sources = [items.named(body(item)) for item in children(association, "sourceRef")]
        targets = [items.named(body(item)) for item in children(association, "targetRef")]
        into = local(association) == "dataInputAssociation"
        wrong = [item for item in sources if into and item is not None and _is(item, "dataOutput")]
        wrong += [
            item for item in targets if not into and item is not None and _is(item, "dataInput")
        ]
        if wrong:
            yield association, "data", "data runs the wrong way", "数据流向有误"
        if children(association, "transformation", "assignment"):
            continue
        for source in sources:
            for target in targets:
                if not items.agree(items.of(source), items.of(target)):
                    yield association, "data", "its two ends are not alike", "关联两端数据项不一致"


def _is(element: Element, name: str) -> bool:
    return local(element) == name


def _of_sets(root: Element) -> Found:
    for group, kind in (("inputSet", "Input"), ("outputSet", "Output")):
        for held in every(root, {group}):
            listed = {body(item) for item in children(held, f"data{kind}Refs")}
            for more in (f"optional{kind}Refs", f"whileExecuting{kind}Refs"):
                if any(body(item) not in listed for item in children(held, more)):
                    yield held, "data", f"{more} names what the set has not", "引用了集合之外的数据"
    known = {item.get("id"): item for item in root.iter() if item.get("id")}
    for group, back in (("inputSet", "outputSetRefs"), ("outputSet", "inputSetRefs")):
        forth = "inputSetRefs" if back == "outputSetRefs" else "outputSetRefs"
        for held in every(root, {group}):
            for item in children(held, back):
                other = known.get(body(item).rpartition(":")[2])
                answers = [] if other is None else [body(ref) for ref in children(other, forth)]
                if held.get("id") not in answers:
                    yield held, "data", "the two sets do not name each other", "两个集合未互相引用"


def _of_events(root: Element) -> Found:
    items = _Items(root)
    for event in every(root, EVENTS):
        held = children(event, "dataInput", "dataOutput")
        if not held:
            continue
        carried = list(_carried(event, items))
        if len(carried) != len(held):
            yield event, "data", "not one item for each definition", "数据与事件定义不对应"
            continue
        for mine, item in zip(held, carried, strict=True):
            if not items.agree(items.of(mine), item):
                yield mine, "data", "its item is not the event's", "数据项与事件不一致"


def _carried(event: Element, items: _Items) -> Iterator[Element]:
    """The items that the definitions of an event carry."""
    for definition in event:
        for attribute in ("messageRef", "signalRef", "errorRef", "escalationRef"):
            item = items.of(items.known.get(reference(definition, attribute)))
            if local(definition).endswith("EventDefinition") and item is not None:
                yield item


def _of_texts(root: Element) -> Found:
    for element in every(root, {"textAnnotation"}):
        if not _MIME.fullmatch(element.get("textFormat", "text/plain")):
            yield element, "artifact", "textFormat is a MIME type", "textFormat 须为 MIME 类型"
    for element in every(root, _FILLED):
        if not body(element):
            yield element, "data", f"a {local(element)} is not empty", f"{local(element)} 不能为空"
    for binding in every(root, {"resourceParameterBinding"}):
        if not children(binding.getparent(), "resourceRef"):
            yield binding, "resource", "it binds a parameter of no resource", "参数绑定缺少资源"


RULES: tuple[Callable[[Element], Found], ...] = (
    _data,
    _specifications,
    _of_operations,
    _of_calls,
    _of_loops,
    _of_associations,
    _of_sets,
    _of_events,
    _of_texts,
)
