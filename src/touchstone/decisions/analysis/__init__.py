"""Decision tables examined before they run: gaps, overlaps, rules that never decide, wrong types,
outputs that are not allowed or not monotone, each with a row that shows it; and test vectors."""

from touchstone.decisions.analysis.domains import Domain
from touchstone.decisions.analysis.findings import Finding, TableAnalysis
from touchstone.decisions.analysis.table import TableAnalyser
from touchstone.decisions.analysis.vectors import Vector, boundary_vectors
from touchstone.decisions.loading import Model

__all__ = ["Domain", "Finding", "TableAnalysis", "Vector", "analyse", "vectors"]


def analyse(model: Model) -> list[TableAnalysis]:
    """The analysis of every table of the model, in the order of the file."""
    return [TableAnalyser(table).analyse() for table in model.tables]


def vectors(model: Model) -> dict[str, list[Vector]]:
    """The boundary vectors of every table, by decision or knowledge model."""
    found: dict[str, list[Vector]] = {}
    for table in model.tables:
        found.setdefault(table.name, []).extend(boundary_vectors(table))
    return found
