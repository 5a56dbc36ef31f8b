"""Making room for a simulation: only data that a simulation wrote is ever removed."""

from __future__ import annotations

from django.apps import apps
from django.db import connection

from touchstone.clocks import queries as clock_queries
from touchstone.evidence import folder
from touchstone.identity import queries as identity_queries
from touchstone.journal.queries import journal_size
from touchstone.journal.reading import head_position
from touchstone.kernel.refusal import refuse
from touchstone.packs import catalogue
from touchstone.simulation.bank import MARK


def is_simulated() -> bool:
    """Whether what the database holds was written by a simulation."""
    return head_position(MARK) > 0


def make_room(*, fresh: bool) -> None:
    """Leave an empty database.

    Raises:
        Refusal: ``simulation.not_empty``: it holds events, and ``fresh`` was not asked for, or they
            are not a simulation's.
    """
    events, _ = journal_size()
    if events:
        if not fresh or not is_simulated():
            raise refuse(
                "simulation.not_empty",
                "数据库中已有事件，未做任何改动",
                "The database holds events; nothing was changed",
                remedy_zh="仅限模拟数据：加 --fresh 重新开始；或换一个 TOUCHSTONE_DATA",
                remedy_en="For simulated data add --fresh; or use another TOUCHSTONE_DATA",
            )
        with connection.cursor() as cursor:
            for model in apps.get_models():
                if hasattr(model, "table_class"):
                    cursor.execute(f"DELETE FROM {model._meta.db_table}")  # noqa: S608, SLF001
        for place in folder.places():
            folder.remove(place)
    forget()


def forget() -> None:
    """Empty every cache that depends on the database."""
    for module in (identity_queries, catalogue, clock_queries):
        module.forget()
