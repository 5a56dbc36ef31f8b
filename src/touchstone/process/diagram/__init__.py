"""BPMN 2.0 XML as an immutable program: read, checked and compiled when a procedure is deployed.

What the engine does not run is refused here with file, element and reason. Pure: no Django.
"""

from touchstone.process.diagram.compiler import compile_diagram
from touchstone.process.diagram.program import EventDefinition, Flow, Loop, Node, Program, Scope

__all__ = ["EventDefinition", "Flow", "Loop", "Node", "Program", "Scope", "compile_diagram"]
