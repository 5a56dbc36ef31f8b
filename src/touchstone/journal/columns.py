"""Column types of the house's tables."""

from __future__ import annotations

from typing import Any

from django.db import models


class KeyField(models.TextField):  # type: ignore[type-arg]
    """A text that is looked up whole, never by its beginning.

    On PostgreSQL Django adds a second index for ``LIKE`` to every text key; on tables written with
    every step that costs space and time and serves nothing. A qualified type name avoids it.
    """

    def db_type(self, connection: Any) -> str | None:
        """The column's type."""
        if connection.vendor == "postgresql":
            return "pg_catalog.text"
        return super().db_type(connection)
