"""What identity provides to the ports of lower modules: authority."""

from __future__ import annotations

import datetime as dt

from touchstone.identity.authority import require
from touchstone.identity.queries import directory


class DirectoryAuthority:
    """Asks the directory as it stands."""

    def require(self, actor: str, act: str, day: dt.date, unit: str | None = None) -> None:
        """Return when ``actor`` may do ``act`` on ``day``; else a refusal is raised."""
        require(directory(), actor, act, day, unit=unit)
