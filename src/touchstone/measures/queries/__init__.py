"""Reads of what was measured, as frozen values."""

from touchstone.measures.queries.live import Board, board_now, describe

__all__ = ["Board", "board_now", "describe"]
