"""Reads of what was measured, as frozen values."""

from touchstone.measures.queries.live import Board, board, describe

__all__ = ["Board", "board", "describe"]
