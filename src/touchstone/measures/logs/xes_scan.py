"""XES read by whole columns, for the plain form in which tools write it.

The text between two quotes is one piece; only a handful of distinct pieces lie outside of values,
so each is understood once and everything else is array work. Whatever is not exactly of that form
(comments, CDATA, single quotes, nested attributes, entities outside of the five, …) is not judged
here: ``NotPlain`` sends the file to the real parser, which also says what is wrong and where.
"""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from touchstone.measures.logs.part import CASE, Part
from touchstone.measures.logs.values import one_kind, typed

END = b"</trace>"
_OUTSIDE = re.compile(
    rb'(?P<first>")?(?P<closed>\s*/>)?\s*(?P<event_end></event>)?\s*(?P<trace_end></trace>)?\s*'
    rb"(?P<trace><trace>)?\s*(?P<event><event>)?\s*<(?P<kind>string|date|int|float|boolean|id)\s+key="
)
_TAIL = re.compile(rb'"\s*/>\s*(?P<event_end></event>)?\s*</trace>')
_REFERENCE = re.compile(r"&([^;]*;?)")
_NAMED = {"lt;": "<", "gt;": ">", "amp;": "&", "quot;": '"', "apos;": "'"}
_QUOTE = 34
Integers = npt.NDArray[np.int64]


class NotPlain(Exception):
    """The text is not of the plain form; says nothing about its being right or wrong."""


def _require(holds: bool) -> None:
    if not holds:
        raise NotPlain


def _pieces(text: bytes) -> tuple[pa.Array, pa.Array, pa.Array, bytes]:
    """Outside pieces, keys and values of all attributes, each with its leading quote; the tail."""
    places = np.flatnonzero(np.frombuffer(text, np.uint8) == _QUOTE)
    _require(len(places) > 0 and len(places) % 4 == 0)
    bounds = np.empty(len(places) + 2, np.int32)
    bounds[0], bounds[1:-1], bounds[-1] = 0, places, len(text)
    whole = pa.BinaryArray.from_buffers(
        pa.binary(), len(bounds) - 1, [None, pa.py_buffer(bounds), pa.py_buffer(text)]
    )
    firsts = np.arange(0, len(places), 4, dtype=np.int32)
    outside = whole.take(pa.array(firsts)).dictionary_encode()
    keys = whole.take(pa.array(firsts + 1)).dictionary_encode()
    between = whole.take(pa.array(firsts + 2)).dictionary_encode()
    _require(all(re.fullmatch(rb'"\s+value=', piece) for piece in between.dictionary.to_pylist()))
    values = whole.take(pa.array(firsts + 3))
    return outside, keys, values, whole[-1].as_py()


def _resolved(reference: re.Match[str]) -> str:
    _require(reference[1] in _NAMED)
    return _NAMED[reference[1]]


def _plain_text(pieces: pa.Array) -> pa.Array:
    """Values without their leading quote, entities resolved."""
    try:
        texts = pc.utf8_slice_codeunits(pieces.cast(pa.string()), 1)
    except pa.ArrowInvalid:
        raise NotPlain from None
    _require(not pc.any(pc.match_substring(texts, "<")).as_py())
    if pc.any(pc.match_substring(texts, "&")).as_py():
        texts = pa.array([text and _REFERENCE.sub(_resolved, text) for text in texts.to_pylist()])
    # A parser turns line ends inside a value into blanks; a rare case, so left to it.
    _require(not pc.any(pc.match_substring_regex(texts, r"[\x00-\x1f]")).as_py())
    return texts


def _places(
    outside: pa.DictionaryArray, tail: bytes
) -> tuple[Integers, Integers, Integers, list[str]]:
    """For each attribute: number of its trace, of its event (-1: none) and code of its type."""
    pieces = [_OUTSIDE.fullmatch(piece) for piece in outside.dictionary.to_pylist()]
    end = _TAIL.fullmatch(tail)
    _require(all(pieces) and end is not None)
    known = [piece for piece in pieces if piece]
    codes = outside.indices.to_numpy()

    def flag(name: str) -> npt.NDArray[np.bool_]:
        held: npt.NDArray[np.bool_] = np.array([p[name] is not None for p in known])[codes]
        return held

    event_end, trace_end, trace, event = map(flag, ("event_end", "trace_end", "trace", "event"))
    first, closed = flag("first"), flag("closed")
    _require(bool((first[1:] & closed[1:]).all()) and not first[0] and not closed[0])
    _require(bool(trace[0]) and not event_end[0] and not trace_end[0])
    # A trace begins where the one before ended, and nowhere else.
    _require(bool((trace[1:] == trace_end[1:]).all()))
    moves = event_end | trace | event
    last_move = np.maximum.accumulate(np.where(moves, np.arange(len(codes)), 0))
    in_event = event[last_move]
    before = np.concatenate([[False], in_event[:-1]])
    # An event is ended exactly when one is open and something else than an attribute follows.
    _require(bool((event_end == (before & moves)).all()))
    assert end is not None
    _require((end["event_end"] is not None) == bool(in_event[-1]))
    traces = np.cumsum(trace) - 1
    events = np.where(in_event, np.cumsum(event) - 1, -1)
    return traces, events, codes, [piece["kind"].decode() for piece in known]


def _columns(
    rows: Integers,
    count: int,
    keys: pa.DictionaryArray,
    kinds: Integers,
    names: list[str],
    values: pa.Array,
) -> dict[str, pa.Array]:
    """One array of ``count`` values per key; where a key is repeated in a row, the last counts."""
    columns: dict[str, pa.Array] = {}
    key_codes = keys.indices.to_numpy()
    key_names = _plain_text(keys.dictionary).to_pylist()
    _require(len(set(key_names)) == len(key_names))
    here = rows >= 0
    for code, name in enumerate(key_names):
        places = np.flatnonzero((key_codes == code) & here)
        if not len(places):
            continue
        source = np.full(count, -1, np.int64)
        source[rows[places]] = places
        chosen = pa.array(source, mask=source < 0)
        kind = one_kind(names[used] for used in np.unique(kinds[places]))
        try:
            columns[name] = typed(_plain_text(values.take(chosen)), kind)
        except ValueError:
            raise NotPlain from None
    return columns


def scan(text: bytes, first_case: int) -> Part:
    """The traces in ``text``, which begins with ``<trace>`` and ends with ``</trace>``.

    Raises:
        NotPlain: the text has to go to the parser.
    """
    outside, keys, values, tail = _pieces(text)
    traces, events, codes, names = _places(outside, tail)
    cases = int(traces[-1]) + 1
    starts = events >= 0
    count = int(events.max()) + 1
    case_of = np.zeros(count, np.int64)
    case_of[events[starts]] = traces[starts]
    in_case = np.where(starts, -1, traces)
    of_events = _columns(events, count, keys, codes, names, values)
    of_cases = _columns(in_case, cases, keys, codes, names, values)
    return Part(
        pa.table({CASE: pa.array(case_of + first_case), **of_events}),
        pa.table({CASE: pa.array(np.arange(cases) + first_case), **of_cases}),
    )
