"""What a customer may begin himself, where, and what he is promised; from content."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from touchstone.kernel.forms import Form
from touchstone.kernel.refusal import Refusal
from touchstone.kernel.text import Text
from touchstone.packs.catalogue import catalogue
from touchstone.process.deployment import Deployment, deployment
from touchstone.process.procedure import Evidence, Procedure
from touchstone.process.self_service import form_for_customer
from touchstone.records.queries import Customer, customer
from touchstone.standard.parameters import parameter
from touchstone.web.access import no_such_page
from touchstone.web.visitor import Visitor

COMPLAINT = "complaint"
# What a complaint is promised: parameter of the time limit, what happens within it.
_PROMISES = (
    ("complaint.first_response_limit", Text("由专人联系您", "somebody is in touch with you")),
    ("complaint.result_limit", Text("给出处理结果", "you have a result")),
    (
        "complaint.regulation_simple_limit",
        Text("简单投诉的法定期限", "limit set by regulation for a simple complaint"),
    ),
    (
        "complaint.regulation_complex_limit",
        Text("复杂投诉的法定期限", "limit set by regulation for a complex one"),
    ),
    (
        "complaint.regulation_extension",
        Text(
            "为最长的延长期：须经批准，并告知您理由",
            "is the longest extension: only once approved, and you are told why",
        ),
    ),
)
_TELEPHONE = "service.telephone"


@dataclass(frozen=True, slots=True)
class Offer:
    """One procedure that the customer may begin himself."""

    deployed: Deployment

    @property
    def procedure(self) -> Procedure:
        """The procedure."""
        return self.deployed.procedure

    @property
    def form(self) -> Form:
        """What he is asked."""
        found = form_for_customer(self.deployed.content, self.procedure.slug)
        assert found is not None, "lint wants a form"
        return found

    @property
    def papers(self) -> tuple[Evidence, ...]:
        """What he may hand in with it; what is missing is asked for later, all of it at once."""
        return tuple(
            Evidence(paper.id, paper.title, required=False) for paper in self.procedure.start.papers
        )


def offers() -> tuple[Offer, ...]:
    """Everything a customer may apply for; a complaint has its own page."""
    version = catalogue().version
    every = (deployment(version, slug) for slug in catalogue().objects("procedure"))
    found = [Offer(item) for item in every if item.procedure.start.customer_may]
    wanted = [item for item in found if item.procedure.slug != COMPLAINT]
    return tuple(sorted(wanted, key=lambda item: item.procedure.number))


def offer_of(slug: str) -> Offer:
    """One of them, or the complaint.

    Raises:
        Refusal: ``web.no_such_page``.
    """
    if slug in catalogue().objects("procedure"):
        found = deployment(catalogue().version, slug)
        if found.procedure.start.customer_may:
            return Offer(found)
    raise no_such_page()


def outlets(visitor: Visitor) -> tuple[tuple[str, Text], ...]:
    """Outlets to choose from."""
    units = visitor.directory.units.values()
    return tuple((unit.id, unit.name) for unit in units if unit.level == "outlet")


def outlet_of(visitor: Visitor, wanted: str | None, known: Customer) -> str:
    """The outlet chosen, else the one he is registered at, else the first."""
    own = [unit for unit, _ in outlets(visitor)]
    if wanted in own:
        return str(wanted)
    return known.unit if known.unit in own else own[0]


def myself(visitor: Visitor) -> Customer:
    """The customer who looks.

    Raises:
        Refusal: ``web.no_such_page``: he was erased.
    """
    known = customer(visitor.customer)
    if known is None or known.state != "active":
        raise no_such_page()
    return known


def prefilled(form: Form, known: Customer) -> Mapping[str, Any]:
    """What the institution knows already is not asked again."""
    return {"customer_type": known.kind} if "customer_type" in form.properties else {}


def promises(visitor: Visitor) -> tuple[tuple[Text, Text, str], ...]:
    """What a complaint is promised: limit, what happens within it, the clause that says so."""
    found = []
    for name, text in _PROMISES:
        known = parameter(name)
        found.append((known.limit_on(visitor.day).text, text, known.clause))
    return tuple(found)


def telephone(visitor: Visitor) -> str | None:
    """The number behind which a person helps."""
    try:
        value = parameter(_TELEPHONE).value_on(visitor.day)
    except Refusal:
        return None
    return str(value) if value else None
