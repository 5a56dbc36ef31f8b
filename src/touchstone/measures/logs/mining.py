"""What a log says by itself: variants, the directly-follows map, durations.

Events of a case are taken by time and, at the same instant, as they stood in the file.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from touchstone.measures.logs.store import connect, events_path

# Parquet keeps the order of the file, so the row number breaks ties between equal instants.
_ORDERED = """
    WITH ordered AS (
        SELECT case_id, activity, timestamp, file_row_number AS place
        FROM read_parquet(?, file_row_number = true)
    )
"""
_VARIANTS = """
    SELECT steps, count(*) AS cases FROM (
        SELECT case_id, list(activity ORDER BY timestamp, place) AS steps
        FROM ordered GROUP BY case_id
    ) GROUP BY steps ORDER BY cases DESC, steps
"""
_FOLLOWS = """
    SELECT activity, following, count(*) AS times, median(seconds) AS median_seconds FROM (
        SELECT activity, lead(activity) OVER w AS following,
               (epoch_us(lead(timestamp) OVER w) - epoch_us(timestamp)) / 1e6 AS seconds
        FROM ordered WINDOW w AS (PARTITION BY case_id ORDER BY timestamp, place)
    ) WHERE following IS NOT NULL
    GROUP BY activity, following ORDER BY times DESC, activity, following
"""
_DURATIONS = """
    SELECT count(*), median(seconds), avg(seconds) FROM (
        SELECT (epoch_us(max(timestamp)) - epoch_us(min(timestamp))) / 1e6 AS seconds
        FROM read_parquet(?) GROUP BY case_id
    )
"""


@dataclass(frozen=True)
class Mined:
    """A log in numbers; durations in seconds between a case's first and last event.

    Attributes:
        variants: sequences of activities with their number of cases, most frequent first.
        directly_follows: activity, the next one, how often, median seconds between.
    """

    cases: int
    variants: list[tuple[tuple[str, ...], int]]
    median_case_seconds: float
    mean_case_seconds: float
    directly_follows: list[tuple[str, str, int, float]]


def mine(log: str) -> Mined:
    """Variants and the directly-follows map of an imported log.

    Raises:
        Refusal: there is no such log.
    """
    return mine_parquet(events_path(log))


def mine_parquet(path: Path) -> Mined:
    """The same for a Parquet file with ``case_id``, ``activity`` and ``timestamp``."""
    with connect() as database:
        name = [str(path)]
        variants = [
            (tuple(steps), cases)
            for steps, cases in database.execute(_ORDERED + _VARIANTS, name).fetchall()
        ]
        follows = database.execute(_ORDERED + _FOLLOWS, name).fetchall()
        cases, median, mean = database.execute(_DURATIONS, name).fetchall()[0]
    return Mined(cases, variants, median or 0.0, mean or 0.0, follows)
