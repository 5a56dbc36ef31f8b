"""What identity provides to the ports of lower modules: authority, and competence without courses."""

from __future__ import annotations

import datetime as dt

from touchstone.identity.authority import require
from touchstone.identity.queries import directory
from touchstone.kernel.ports import Demand
from touchstone.kernel.refusal import Refusal, refuse


class DirectoryAuthority:
    """Asks the directory as it stands."""

    def require(self, actor: str, act: str, day: dt.date, unit: str | None = None) -> None:
        """Return when ``actor`` may do ``act`` on ``day``; else a refusal is raised."""
        require(directory(), actor, act, day, unit=unit)


class NoCoursesYet:
    """Holds no training records: it says yes only where a step demands no course."""

    def lacking(self, demand: Demand) -> Refusal | None:
        """Refuse every demand for a course, because nothing here can prove it was passed."""
        if not demand.courses:
            return None
        courses = ", ".join(demand.courses)
        return refuse(
            "identity.no_training_records",
            f"该环节要求培训合格（{courses}），但没有培训记录可供核验",
            f"The step demands courses ({courses}), and there are no training records to prove them",
            remedy_zh="请由培训管理岗登记合格情况后再办理",
            remedy_en="Have the training officer record the result first",
        )
