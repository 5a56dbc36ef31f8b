"""Where in a written text something stands, for content that was read with its places kept."""

from __future__ import annotations

from typing import Any


def line_of(node: Any, key: object = None) -> int:
    """1-based line of a YAML mapping or list read by ``ruamel.yaml``, or of one entry of it.

    0 where the place is not known, as in content that came from JSON.
    """
    places = getattr(node, "lc", None)
    if places is None:
        return 0
    if key is not None and isinstance(places.data, dict) and key in places.data:
        return int(places.data[key][0]) + 1
    return int(places.line) + 1 if places.line is not None else 0
