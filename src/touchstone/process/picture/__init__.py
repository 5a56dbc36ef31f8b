"""Pictures of procedures: a BPMN diagram as SVG, with a case's course or a month's heat laid over it.

Pure: no Django, no script, no style attribute. ``static/process/picture.css`` colours them.
"""

from touchstone.process.picture.drawing import draw, stylesheet
from touchstone.process.picture.overlay import NOTHING, Badge, Mark, Overlay, State
from touchstone.process.picture.reading import Diagram, Edge, Shape, read_diagram

__all__ = [
    "NOTHING",
    "Badge",
    "Diagram",
    "Edge",
    "Mark",
    "Overlay",
    "Shape",
    "State",
    "draw",
    "read_diagram",
    "stylesheet",
]
