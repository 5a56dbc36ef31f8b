"""A procedure as content: what its steps, clocks, controls and duties are, read from YAML.

Pure: knows neither cases nor tables. The flow itself is the BPMN file beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from touchstone.kernel.text import Text

Mode = Literal["block", "hold", "flag"]
ControlKind = Literal["condition", "evidence", "four_eyes", "limit", "order", "consent", "decision"]
SigningMode = Literal["one", "all", "any", "vote"]
Place = Literal["case", "branch", "head"]
Papers = Literal["none", "optional", "needed"]


@dataclass(frozen=True, slots=True)
class Signing:
    """How many people complete a step.

    Attributes:
        mode: ``one`` (whoever takes it), ``any`` of the named signers (或签), ``all`` (会签),
            ``vote`` (票签).
        of: how many signers are named when the step opens; 0: named by 加签 only.
        size_parameter: parameter that says how many instead.
        quorum_parameter: parameter with the share of approving votes, percent.
    """

    mode: SigningMode = "one"
    of: int = 0
    size_parameter: str | None = None
    quorum_parameter: str | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """A document that a step produces."""

    id: str
    title: Text
    required: bool


@dataclass(frozen=True, slots=True)
class Handoff:
    """Where a case goes on by hand, because the procedure for it is not in the standard yet.

    Attributes:
        procedure: its number in the standard (``P10``).
        post: who owns what is handed off.
        limit: parameter of unit ``limit`` within which he completes it.
    """

    procedure: str
    post: str
    limit: str


@dataclass(frozen=True, slots=True)
class Starting:
    """A procedure that a step begins and does not wait for.

    Attributes:
        procedure: its number in the standard (``P20``).
        unit: where the new case is: the case's outlet, its branch, or head office.
        values: field of its starting form -> FEEL text over the case's variables.
        key: variable that carries this case's id in both cases, for messages between them.
    """

    procedure: str
    unit: Place
    values: Mapping[str, str]
    key: str | None = None


@dataclass(frozen=True, slots=True)
class StepLetter:
    """The standard letter that goes out when a step is completed.

    Attributes:
        id: id of the letter in the standard.
        when: FEEL text; it goes out only where that holds. None: always.
        told_when: FEEL text; where it holds, completing the step told the customer already and the
            letter only confirms it. None: never.
    """

    id: str
    when: str | None = None
    told_when: str | None = None


@dataclass(frozen=True)
class Step:
    """What the procedure says of one BPMN element.

    Attributes:
        element: BPMN element id.
        posts: posts that may take it; empty for machine steps.
        unit: where the post is held: the case's outlet, its branch, or head office.
        form: name of the form, or None.
        handler: name of the service handler of a machine step.
        back_to: steps offered for sending back (退回).
        handoff: for a link to a procedure that does not exist yet.
        starts: the procedure it begins without waiting for its end, or None.
        courses: ids of the courses that whoever does it has passed.
        letter: the letter that goes out when it is completed, or None.
        takes: variables that completing it may set where it has no form.
    """

    element: str
    title: Text
    guide: Text | None
    posts: tuple[str, ...]
    unit: Place
    form: str | None
    clause: str | None
    signing: Signing
    back_to: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    handler: str | None
    handoff: Handoff | None
    courses: tuple[str, ...]
    letter: StepLetter | None
    takes: tuple[str, ...] = ()
    starts: Starting | None = None

    @property
    def service_handler(self) -> str | None:
        """The handler of a machine step; a hand-off and a start have one of their own."""
        return self.handler or (
            "handoff" if self.handoff else "start_procedure" if self.starts else None
        )

    @cached_property
    def group(self) -> str:
        """The posts as one label, the part of a pool before the unit."""
        return "|".join(sorted(self.posts))


@dataclass(frozen=True, slots=True)
class Control:
    """A control point that a running case meets.

    Attributes:
        step: element it stands at; when ``enter`` or ``complete``.
        mode: ``block`` refuses, ``hold`` waits for a post's release, ``flag`` marks and counts.
        condition: FEEL text over case variables, ``values`` and parameters.
        after: elements that must be completed before (order controls).
        evidence: ids of documents that must be there.
        distinct_from: elements whose actors may not act here (four eyes).
        release: post that releases a hold.
    """

    id: str
    title: Text
    clause: str
    kind: ControlKind
    step: str
    when: Literal["enter", "complete"]
    mode: Mode
    condition: str | None
    after: tuple[str, ...]
    evidence: tuple[str, ...]
    distinct_from: tuple[str, ...]
    release: str | None


@dataclass(frozen=True, slots=True)
class Separation:
    """Steps of one case that different persons must do (职责分离)."""

    id: str
    steps: tuple[str, ...]
    clause: str


@dataclass(frozen=True, slots=True)
class Paper:
    """A document that an applicant hands in, and exactly why it is asked for."""

    id: str
    title: Text
    why: Text
    clause: str


@dataclass(frozen=True, slots=True)
class Start:
    """How a case begins: the form, who may begin it, and whether it concerns a customer.

    Attributes:
        customer_may: a customer may begin it himself, for himself.
        customer_sets: fields of the form that stand fixed where he does; he is not asked.
        papers: what an applicant hands in with it, now or at the counter.
        takes: variables that may be set where there is no form.
        systems: machines that may begin it, each by its name as an actor (``system:worker``).
    """

    form: str | None
    posts: tuple[str, ...]
    customer: bool
    customer_may: bool = False
    customer_sets: Mapping[str, Any] = field(default_factory=dict)
    papers: tuple[Paper, ...] = ()
    takes: tuple[str, ...] = ()
    systems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Until when a customer may withdraw what he began.

    Attributes:
        closed_by: elements after which he may not any more: money has moved. A machine step counts
            from its beginning, a person's from its completion.
    """

    closed_by: tuple[str, ...]
    clause: str


@dataclass(frozen=True, slots=True)
class Rating:
    """Where a customer's rating goes: a register, and what its entry says of the case.

    Attributes:
        after: elements that finish it for the customer, where the case goes on for the institution.
    """

    register: str
    values: Mapping[str, Any]
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """What a procedure says of a message that it throws to other cases, or waits for.

    Attributes:
        key: open variable that both cases hold the same value of; None: no case throws it.
        carries: open variables that travel along.
        posts: who may bring it from outside, at the unit of the case or above it.
        systems: foreign systems that may, each by its name as an actor (``system:core``).
        form: what a person fills in to bring it, where it carries something.
        papers: whether files come with it.
    """

    key: str | None
    carries: tuple[str, ...]
    posts: tuple[str, ...] = ()
    systems: tuple[str, ...] = ()
    form: str | None = None
    papers: Papers = "none"


@dataclass(frozen=True, slots=True)
class LimitUse:
    """A limit that cases take up; what is only reserved is released when the case ends.

    Attributes:
        limit: id of the limit in the standard.
        amount: FEEL text of the amount, in the limit's currency.
        subject: FEEL text of the id whose limit it is; None: the case's customer, or who acts.
        when: FEEL text; only where that holds is anything taken up. None: always.
        reserve, use, release: elements whose completion does so.
        lapses: parameter of unit ``limit`` after which a reservation lapses; None: never.
    """

    limit: str
    amount: str
    subject: str | None
    when: str | None
    reserve: tuple[str, ...]
    use: tuple[str, ...]
    release: tuple[str, ...]
    lapses: str | None

    def expressions(self) -> tuple[str, ...]:
        """Every FEEL text of it."""
        return tuple(text for text in (self.amount, self.subject, self.when) if text)


@dataclass(frozen=True, slots=True)
class Told:
    """A field that is written for the customer: the step whose form holds it."""

    step: str
    field: str


@dataclass(frozen=True, slots=True)
class Stage:
    """A part of the procedure as the customer is told of it.

    Attributes:
        elements: BPMN elements that belong to it.
        promise: clocks whose deadline he is promised while it lasts; the first that runs counts.
        asks: element -> what he is asked to do while the case is there.
        tells: element -> what a member of staff wrote for him to read then.
    """

    id: str
    title: Text
    elements: tuple[str, ...]
    promise: tuple[str, ...]
    asks: Mapping[str, Text]
    tells: Mapping[str, Told] = field(default_factory=dict)


@dataclass(frozen=True)
class Procedure:
    """A procedure of the standard.

    Attributes:
        slug: folder name and BPMN process id (``loan``).
        number: its number in the standard (``P03``).
        clocks: the raw definitions; ``touchstone.clocks`` reads them.
        messages: name of a BPMN message -> how it finds its case.
        stages: what a customer is told; empty where it is no business of customers.
        outcomes: end event -> what he is told of it.
        contact: post at the case's unit that answers his questions.
        withdrawal: until when he may withdraw it; None: not by himself.
        rating: where his rating goes once it is over; None: he is not asked.
        limits: what its cases take up of limits.
    """

    slug: str
    number: str
    title: Text
    purpose: Text
    owner: str
    clauses: tuple[str, ...]
    bpmn: str
    start: Start
    variables: Mapping[str, str]
    steps: Mapping[str, Step]
    clocks: tuple[Mapping[str, Any], ...]
    controls: tuple[Control, ...]
    separation: tuple[Separation, ...]
    messages: Mapping[str, Message]
    stages: tuple[Stage, ...] = ()
    outcomes: Mapping[str, Text] = field(default_factory=dict)
    contact: str | None = None
    withdrawal: Withdrawal | None = None
    rating: Rating | None = None
    limits: tuple[LimitUse, ...] = ()

    def controls_at(self, element: str, when: str) -> tuple[Control, ...]:
        """The control points of one element."""
        return self._controls.get((element, when), ())

    @cached_property
    def _controls(self) -> Mapping[tuple[str, str], tuple[Control, ...]]:
        found: dict[tuple[str, str], tuple[Control, ...]] = {}
        for control in self.controls:
            place = (control.step, control.when)
            found[place] = (*found.get(place, ()), control)
        return found

    @cached_property
    def conflicts(self) -> Mapping[str, Mapping[str, str]]:
        """Step -> other steps whose actors may not do it, each with the clause that says so."""
        found: dict[str, dict[str, str]] = {}
        for rule in self.separation:
            for step in rule.steps:
                others = {other: rule.clause for other in rule.steps if other != step}
                found.setdefault(step, {}).update(others)
        for control in self.controls:
            if control.kind == "four_eyes" and control.when == "complete":
                others = dict.fromkeys(control.distinct_from, control.clause)
                found.setdefault(control.step, {}).update(others)
        return found

    def forms(self) -> frozenset[str]:
        """Names of every form it uses."""
        names = {step.form for step in self.steps.values()} | {self.start.form}
        names |= {message.form for message in self.messages.values()}
        return frozenset(name for name in names if name)


def _texts(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, str):
        return (value,)
    assert isinstance(value, Sequence)
    return tuple(str(item) for item in value)


def _step(element: str, raw: Mapping[str, Any]) -> Step:
    signing = raw.get("signing") or {}
    guide = raw.get("guide")
    handoff = raw.get("handoff")
    return Step(
        element=element,
        title=Text.from_mapping(raw["title"]),
        guide=Text.from_mapping(guide) if guide else None,
        posts=_texts(raw.get("posts")),
        unit=raw.get("unit", "case"),
        form=raw.get("form"),
        clause=raw.get("clause"),
        signing=Signing(
            signing.get("mode", "one"),
            int(signing.get("of", 0)),
            signing.get("size_parameter"),
            signing.get("quorum_parameter"),
        ),
        back_to=_texts(raw.get("back_to")),
        evidence=tuple(
            Evidence(item["id"], Text.from_mapping(item["title"]), bool(item.get("required")))
            for item in raw.get("evidence") or ()
        ),
        handler=raw.get("handler"),
        handoff=Handoff(handoff["procedure"], handoff["post"], handoff["limit"])
        if handoff
        else None,
        courses=_texts(raw.get("courses")),
        letter=_letter(raw.get("letter")),
        takes=_texts(raw.get("takes")),
        starts=_starting(raw.get("starts")),
    )


def _starting(raw: Mapping[str, Any] | None) -> Starting | None:
    if raw is None:
        return None
    values = dict(raw.get("values") or {})
    return Starting(raw["procedure"], raw.get("unit", "case"), values, raw.get("key"))


def _letter(raw: Any) -> StepLetter | None:
    if raw is None:
        return None
    if isinstance(raw, str):
        return StepLetter(raw)
    return StepLetter(raw["id"], raw.get("when"), raw.get("told_when"))


def _control(raw: Mapping[str, Any]) -> Control:
    return Control(
        id=raw["id"],
        title=Text.from_mapping(raw["title"]),
        clause=raw["clause"],
        kind=raw["kind"],
        step=raw["at"]["step"],
        when=raw["at"].get("when", "complete"),
        mode=raw.get("mode", "block"),
        condition=raw.get("condition"),
        after=_texts(raw.get("after")),
        evidence=_texts(raw.get("evidence")),
        distinct_from=_texts(raw.get("distinct_from")),
        release=raw.get("release"),
    )


def _stage(raw: Mapping[str, Any]) -> Stage:
    asks = raw.get("asks") or {}
    return Stage(
        id=raw["id"],
        title=Text.from_mapping(raw["title"]),
        elements=_texts(raw["elements"]),
        promise=_texts(raw.get("promise")),
        asks={element: Text.from_mapping(text) for element, text in asks.items()},
        tells={
            element: Told(item["step"], item["field"])
            for element, item in (raw.get("tells") or {}).items()
        },
    )


def _start(raw: Mapping[str, Any]) -> Start:
    return Start(
        raw.get("form"),
        _texts(raw.get("posts")),
        bool(raw.get("customer")),
        bool(raw.get("customer_may")),
        dict(raw.get("customer_sets") or {}),
        tuple(
            Paper(
                item["id"],
                Text.from_mapping(item["title"]),
                Text.from_mapping(item["why"]),
                item["clause"],
            )
            for item in raw.get("papers") or ()
        ),
        _texts(raw.get("takes")),
        _texts(raw.get("systems")),
    )


def _limit_use(raw: Mapping[str, Any]) -> LimitUse:
    return LimitUse(
        raw["limit"],
        raw["amount"],
        raw.get("subject"),
        raw.get("when"),
        _texts(raw["reserve"]),
        _texts(raw.get("use")),
        _texts(raw.get("release")),
        raw.get("lapses"),
    )


def _withdrawal(raw: Any) -> Withdrawal | None:
    return Withdrawal(_texts(raw.get("closed_by")), raw["clause"]) if raw else None


def _rating(raw: Any) -> Rating | None:
    if not raw:
        return None
    return Rating(raw["register"], dict(raw.get("values") or {}), _texts(raw.get("after")))


def read_procedure(slug: str, raw: Mapping[str, Any]) -> Procedure:
    """The procedure of a parsed ``procedure.yaml`` that its JSON Schema has accepted.

    Raises:
        KeyError, TypeError: the schema was not checked first.
    """
    return Procedure(
        slug=slug,
        number=raw["id"],
        title=Text.from_mapping(raw["title"]),
        purpose=Text.from_mapping(raw.get("purpose") or raw["title"]),
        owner=raw["owner"],
        clauses=_texts(raw.get("clauses")),
        bpmn=raw["bpmn"],
        start=_start(raw.get("start") or {}),
        variables=dict(raw.get("variables") or {}),
        steps={element: _step(element, item) for element, item in raw["steps"].items()},
        clocks=tuple(raw.get("clocks") or ()),
        controls=tuple(_control(item) for item in raw.get("controls") or ()),
        separation=tuple(
            Separation(item["id"], _texts(item["steps"]), item["clause"])
            for item in raw.get("separation") or ()
        ),
        messages={
            name: Message(
                item.get("key"),
                _texts(item.get("carries")),
                _texts((item.get("delivered_by") or {}).get("posts")),
                _texts((item.get("delivered_by") or {}).get("systems")),
                item.get("form"),
                item.get("papers", "none"),
            )
            for name, item in (raw.get("messages") or {}).items()
        },
        stages=tuple(_stage(item) for item in raw.get("stages") or ()),
        outcomes={
            end: Text.from_mapping(text) for end, text in (raw.get("outcomes") or {}).items()
        },
        contact=raw.get("contact"),
        withdrawal=_withdrawal(raw.get("withdrawal")),
        rating=_rating(raw.get("rating")),
        limits=tuple(_limit_use(item) for item in raw.get("limits") or ()),
    )
