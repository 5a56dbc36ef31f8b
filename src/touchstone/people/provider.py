"""What people provides to the port of competence: a valid certificate for every course demanded."""

from __future__ import annotations

from touchstone.kernel.ports import Demand
from touchstone.kernel.refusal import Refusal, refuse
from touchstone.packs.catalogue import catalogue
from touchstone.people.courses import course_of
from touchstone.people.queries import standing


class Certificates:
    """Asks for certificates that are valid on the day (APR-10)."""

    def lacking(self, demand: Demand) -> Refusal | None:
        """Refuse for the first course of which ``demand.person`` holds no valid certificate."""
        for identity in demand.courses:
            held = standing(identity, demand.person)
            if held.is_certified(demand.day):
                continue
            title = course_of(catalogue(), identity).title
            has_lapsed = held.certified_until is not None
            return refuse(
                "people.certificate_lapsed" if has_lapsed else "people.not_certified",
                f"该环节要求「{title.zh}」考试合格，您的合格证明{'已到期' if has_lapsed else '尚未取得'}",
                f"The step demands the certificate of “{title.en}”; yours "
                f"{'has lapsed' if has_lapsed else 'is not there yet'}",
                clause="APR-10",
                remedy_zh="请在「培训考试」中考试合格后再办理，或交由已合格的同事办理",
                remedy_en="Pass the exam under “Learning” first, or leave it to a certified colleague",
            )
        return None
