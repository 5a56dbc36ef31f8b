"""Procedures at work: cases, tasks, control points, human acts; the pure engine and its diagrams."""
