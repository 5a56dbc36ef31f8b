"""XES is read whatever its form; what is wrong is named with its line, and nothing is expanded."""

from __future__ import annotations

import gzip
from pathlib import Path

import pyarrow as pa
import pytest

from tests.measures.logs.small import PLAIN, document, event, problems_of, trace
from touchstone.measures.logs import opening
from touchstone.measures.logs.part import join
from touchstone.measures.logs.problems import LogBroken, Problems
from touchstone.measures.logs.xes import CASE_KEY, CORE, read_xes
from touchstone.measures.logs.xes_parse import parse
from touchstone.measures.logs.xes_scan import END, NotPlain, scan


def written(folder: Path, text: str | bytes, name: str = "log.xes") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_events_have_case_activity_instant_resource_and_typed_attributes(tmp_path: Path) -> None:
    log = read_xes(written(tmp_path, PLAIN))

    first, second, third = log.events.to_pylist()
    assert (first["case_id"], first["activity"], first["resource"]) == ("7", "ask", "zhang")
    assert first["timestamp"].isoformat() == "2026-03-02T01:00:00+00:00"
    assert (second["event:cost"], third["event:cost"]) == (12, None)
    assert third["timestamp"].isoformat() == "2026-03-03T01:00:00+00:00"
    assert log.events.schema.field("timestamp").type == pa.timestamp("us", "UTC")
    assert log.cases.to_pylist() == [{"case_id": "7"}, {"case_id": "8"}]


def test_gzip_is_known_by_its_bytes_and_may_have_several_members(tmp_path: Path) -> None:
    raw = PLAIN.encode()
    packed = gzip.compress(raw[:200]) + gzip.compress(raw[200:]) + bytes(512)

    log = read_xes(written(tmp_path, packed, "log.xes"))

    assert log.events.equals(read_xes(written(tmp_path, PLAIN, "plain.xes")).events)


@pytest.mark.parametrize(
    "text",
    [
        PLAIN.replace("<trace>", "<!-- <trace> -->\n<trace>", 1),
        PLAIN.replace('value="ask"', "value='ask'"),
        PLAIN.replace('key="concept:name" value="ask"', 'value="ask" key="concept:name"'),
        PLAIN.replace('value="zhang"', 'value="&#122;hang"'),
        PLAIN.replace("<event>", "<event >"),
        PLAIN.replace('value="zhang"/>', 'value="zhang"></string>'),
        PLAIN.replace("</event>", "<![CDATA[ </trace> ]]></event>", 1),
        PLAIN.replace("<trace>", '<trace id="1">'),
        PLAIN.replace("<trace>", "<x:trace>").replace("</trace>", "</x:trace>")
        .replace("xmlns=", 'xmlns:x="http://www.xes-standard.org/" xmlns='),
        PLAIN.replace("UTF-8", "ISO-8859-1"),
    ],
    ids=["comment", "quotes", "order", "reference", "blank", "pair", "cdata", "id", "prefix", "encoding"],
)  # fmt: skip
def test_other_spellings_of_the_same_log_give_the_same_events(tmp_path: Path, text: str) -> None:
    plain = read_xes(written(tmp_path, PLAIN))

    other = read_xes(written(tmp_path, text, "other.xes"))

    assert text != PLAIN
    assert other.events.equals(plain.events)
    assert other.cases.equals(plain.cases)


def test_the_five_entities_and_chinese_are_read(tmp_path: Path) -> None:
    text = document(
        trace("甲", event("&lt;审核&gt; &amp;amp; &quot;it&apos;s&quot;", "2026-01-01T00:00:00Z"))
    )

    assert read_xes(written(tmp_path, text)).events.column("activity").to_pylist() == [
        '<审核> &amp; "it\'s"'
    ]


def test_nested_attributes_become_columns_of_their_own(tmp_path: Path) -> None:
    more = (
        '<string key="customer" value="c1"><int key="age" value="40"><boolean key="known" value="true"/></int></string>'
        '<list key="goods"><values><string key="good" value="x"/></values></list>'
    )
    text = document(trace("1", event("ask", "2026-01-01T00:00:00Z"), more=more))

    case = read_xes(written(tmp_path, text)).cases.to_pylist()[0]

    assert case["case:customer/age"] == 40
    assert case["case:customer/age/known"] is True
    assert case["case:customer"] == "c1"


def test_two_traces_of_one_name_stay_two_cases_and_a_nameless_one_gets_a_number(
    tmp_path: Path,
) -> None:
    one = event("ask", "2026-01-01T00:00:00Z")
    text = document(trace("1", one), trace("1", one), f"<trace>{one}</trace>", "<trace></trace>")

    log = read_xes(written(tmp_path, text))

    assert log.cases.column("case_id").to_pylist() == ["1", "1#2", "case-3", "case-4"]
    assert log.events.column("case_id").to_pylist() == ["1", "1#2", "case-3"]


def test_an_attribute_of_two_types_becomes_text(tmp_path: Path) -> None:
    a = event("ask", "2026-01-01T00:00:00Z", more='<int key="n" value="1"/>')
    b = event("ask", "2026-01-01T00:00:00Z", more='<string key="n" value="two"/>')

    log = read_xes(written(tmp_path, document(trace("1", a, b))))

    assert log.events.column("event:n").to_pylist() == ["1", "two"]


def test_digits_beyond_the_microsecond_are_dropped(tmp_path: Path) -> None:
    text = document(trace("1", event("ask", "2026-01-01T00:00:00.123456789+00:00")))

    at = read_xes(written(tmp_path, text)).events.column("timestamp").to_pylist()[0]

    assert at.isoformat() == "2026-01-01T00:00:00.123456+00:00"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (PLAIN.replace('value="12"', 'value="twelve"'), [(14, "log.wrong_type")]),
        (PLAIN.replace("2026-03-03T01:00:00Z", "yesterday"), [(22, "log.wrong_type")]),
        (PLAIN.replace("</trace>", "", 1), [(25, "log.not_well_formed")]),
        (PLAIN[:400], [(12, "log.not_well_formed")]),
        (PLAIN + "<more/>", [(26, "log.not_well_formed")]),
        (PLAIN.replace(' value="zhang"', ""), [(7, "log.no_value")]),
        (PLAIN.replace('key="org:resource" value="li"', 'value="li"'), [(12, "log.no_key")]),
        (PLAIN.replace('<string key="concept:name" value="check"/>', ""), [(0, "log.no_activity")]),
        ("<html><body/></html>", [(1, "log.not_xes")]),
        ("", [(1, "log.not_well_formed")]),
        ("case;activity\n1;ask\n", [(1, "log.not_well_formed")]),
        (b"\x00\xff\x00PNG", [(1, "log.not_well_formed")]),
        (PLAIN.encode().replace(b"zhang", b"\xff\xfe"), [(7, "log.not_well_formed")]),
        (document(trace("1", event("ask", "2026-01-01T00:00:00Z", more="<list key='l'>" * 200))), [(8, "log.too_deep")]),
    ],
    ids=["int", "date", "open trace", "cut", "trailing", "no value", "no key", "no activity", "html",
         "empty", "csv", "binary", "not utf-8", "deep"],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_line(
    tmp_path: Path, text: str | bytes, found: list[tuple[int, str]]
) -> None:
    assert problems_of(written(tmp_path, text)) == found


def test_every_wrong_value_is_named_and_not_the_first_only(tmp_path: Path) -> None:
    wrong = '\t\t\t<int key="n" value="x"/>\n\t\t\t<boolean key="b" value="maybe"/>\n'
    text = document(trace("1", event("ask", "2026-01-01T00:00:00Z", more=wrong)))

    assert problems_of(written(tmp_path, text)) == [(8, "log.wrong_type"), (9, "log.wrong_type")]


def test_an_entity_bomb_is_refused_before_anything_is_expanded(tmp_path: Path) -> None:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'<?xml version="1.0"?>\n<!DOCTYPE log [<!ENTITY e0 "ha">{entities}]>\n'
    text = document(trace("&e11;", event("ask", "2026-01-01T00:00:00Z")), head=bomb)

    assert problems_of(written(tmp_path, text)) == [(2, "log.doctype_refused")]


def test_a_file_named_from_outside_is_not_opened(tmp_path: Path) -> None:
    head = '<!DOCTYPE log [<!ENTITY secret SYSTEM "file:///etc/hostname">]>\n'
    text = document(trace("&secret;", event("ask", "2026-01-01T00:00:00Z")), head=head)

    assert problems_of(written(tmp_path, text)) == [(1, "log.doctype_refused")]


@pytest.mark.parametrize("kept", [30, 200])
def test_a_cut_gzip_is_named(tmp_path: Path, kept: int) -> None:
    packed = gzip.compress(PLAIN.encode())[:kept]

    assert problems_of(written(tmp_path, packed)) == [(0, "log.truncated_archive")]


def test_a_damaged_gzip_is_named(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(PLAIN.encode()))
    packed[60] ^= 0xFF

    (problem,) = problems_of(written(tmp_path, bytes(packed)))

    assert problem in {(0, "log.damaged_archive"), (0, "log.truncated_archive")}


def test_a_gzip_that_unpacks_without_end_is_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "LARGEST", 1 << 20)
    bomb = gzip.compress(PLAIN.encode() + b" " * (8 << 20))

    assert problems_of(written(tmp_path, bomb)) == [(0, "log.too_large")]


@pytest.mark.parametrize("filling", [b" ", b"a", b"<trace></trace>"])
def test_what_packs_better_than_any_log_is_not_unpacked_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, filling: bytes
) -> None:
    monkeypatch.setattr(opening, "_JUDGED_FROM", 1 << 20)
    bomb = gzip.compress(b'<?xml version="1.0"?><log>' + filling * ((32 << 20) // len(filling)))

    assert problems_of(written(tmp_path, bomb)) == [(0, "log.too_large")]


def test_one_value_without_end_is_refused(tmp_path: Path) -> None:
    text = b'<?xml version="1.0"?><log><trace><event><string key="a" value="' + b"a" * (80 << 20)

    assert problems_of(written(tmp_path, text)) == [(0, "log.too_large")]


def test_a_log_larger_than_one_chunk_is_read_in_pieces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    traces = [
        trace(str(n), event("ask", "2026-01-01T00:00:00Z", f"r{n % 7}"), event("end", "2026-01-02T00:00:00Z"))
        for n in range(500)
    ]  # fmt: skip
    path = written(tmp_path, document(*traces))
    whole = read_xes(path)

    monkeypatch.setattr(opening, "_CHUNK", 1000)
    pieces = read_xes(path)

    assert pieces.events.to_pylist() == whole.events.to_pylist()
    assert pieces.cases.equals(whole.cases)


def test_a_chunk_that_ends_inside_a_character_is_no_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, document(trace("一二三四五", event("审核", "2026-01-01T00:00:00Z"))))
    for size in range(1, 40):
        monkeypatch.setattr(opening, "_CHUNK", size)
        assert read_xes(path).events.column("activity").to_pylist() == ["审核"]


def whole_text_parsed(text: str) -> tuple[pa.Table, pa.Table]:
    log = join(list(parse([text.encode()], Problems("x"))), CORE, CASE_KEY)
    return log.events, log.cases


def test_scanning_and_parsing_agree_and_scanning_never_accepts_more() -> None:
    body = PLAIN[PLAIN.index("<trace>") : PLAIN.rindex("</trace>") + len(END)]
    head = PLAIN[: PLAIN.index("<trace>")]
    accepted = 0
    for place in range(len(body)):
        for change in ("", "<", ">", '"', "/", "x", "&", "'", " "):
            text = body[:place] + change + body[place + 1 :]
            try:
                log = join([scan(text.encode(), 0)], CORE, CASE_KEY)
            except NotPlain:
                continue
            accepted += 1
            try:
                parsed = whole_text_parsed(f"{head}{text}</log>")
            except LogBroken as broken:
                raise AssertionError(f"scan accepted what is broken: {text}") from broken
            assert (log.events, log.cases) == parsed
    assert accepted > 500
