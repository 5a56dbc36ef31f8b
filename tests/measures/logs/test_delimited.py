"""CSV is read by a mapping; every row that cannot be read is named."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from touchstone.measures.logs.delimited import Mapping, read_delimited, read_mapping
from touchstone.measures.logs.problems import LogBroken

MAPPING = Mapping(
    case="单号", activity="环节", timestamp="时间", resource="经办人", zone="Asia/Shanghai"
)
TEXT = (
    "单号,环节,时间,经办人,金额\n"
    "a,受理,2026-03-02 09:00:00,张三,100.50\n"
    "b,受理,2026-03-02 09:30:00,李四,\n"
    'a,审核,2026-03-02T10:00:00+00:00,"王五, 赵六",\n'
)


def written(folder: Path, content: str | bytes, name: str = "log.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def codes(path: Path, mapping: Mapping = MAPPING) -> list[tuple[int, str]]:
    with pytest.raises(LogBroken) as broken:
        read_delimited(path, mapping)
    return [(problem.line, problem.code) for problem in broken.value.problems]


def test_rows_become_events_and_local_times_instants(tmp_path: Path) -> None:
    log = read_delimited(written(tmp_path, "\ufeff" + TEXT), MAPPING)

    rows = log.events.to_pylist()
    assert [(row["case_id"], row["activity"]) for row in rows] == [
        ("a", "受理"),
        ("b", "受理"),
        ("a", "审核"),
    ]
    assert rows[0]["timestamp"].isoformat() == "2026-03-02T01:00:00+00:00"
    assert rows[2]["timestamp"].isoformat() == "2026-03-02T10:00:00+00:00"
    assert rows[2]["resource"] == "王五, 赵六"
    assert (rows[0]["event:金额"], rows[1]["event:金额"]) == ("100.50", None)
    assert log.cases.to_pylist() == [{"case_id": "a"}, {"case_id": "b"}]


def test_format_delimiter_and_encoding_are_as_the_mapping_says(tmp_path: Path) -> None:
    mapping = Mapping(
        "c",
        "a",
        "t",
        format="%d.%m.%Y %H:%M",
        zone="Europe/Amsterdam",
        delimiter=";",
        encoding="gb18030",
    )
    text = "c;a;t\n1;受理;01.07.2026 12:00\n"

    log = read_delimited(written(tmp_path, gzip.compress(text.encode("gb18030"))), mapping)

    row = log.events.to_pylist()[0]
    assert (row["activity"], row["timestamp"].isoformat()) == ("受理", "2026-07-01T10:00:00+00:00")


def test_every_bad_row_is_named(tmp_path: Path) -> None:
    text = (
        TEXT
        + "c,受理,gestern,张三,1\nd,受理,2026-03-02 09:00:00\n,受理,2026-03-02 09:00:00,张三,1\n"
    )

    assert codes(written(tmp_path, text)) == [
        (5, "log.wrong_type"), (6, "log.wrong_width"), (7, "log.no_activity"),
    ]  # fmt: skip


def test_a_column_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert codes(written(tmp_path, "case,activity\n1,x\n")) == [(1, "log.no_column")] * 4


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (TEXT.encode() + b"\xff\xfe,x,y,z,1\n", "log.csv_broken"),
        (TEXT + 'a,"受理,2026-03-02 09:00:00,张三,1\n', "log.csv_broken"),
        (gzip.compress(TEXT.encode())[:-12], "log.truncated_archive"),
        ("", "log.no_column"),
    ],
)
def test_a_broken_file_is_named(tmp_path: Path, content: str | bytes, found: str) -> None:
    assert codes(written(tmp_path, content))[-1][1] == found


def test_a_mapping_is_read_from_yaml(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "case: 单号\nactivity: 环节\ntimestamp: 时间\nresource: 经办人\nzone: Asia/Shanghai\n",
        "m.yaml",
    )

    assert read_mapping(path) == MAPPING


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("case: [", ["log.mapping_unreadable"]),
        ("- a\n", ["log.mapping_incomplete"] * 3),
        ("case: c\nactivity: a\ntimestamp: t\ncolour: x\nzone: Mars\n", ["log.mapping_unknown_key", "log.unknown_zone"]),
    ],
)  # fmt: skip
def test_a_wrong_mapping_names_everything_at_once(
    tmp_path: Path, text: str, found: list[str]
) -> None:
    with pytest.raises(LogBroken) as broken:
        read_mapping(written(tmp_path, text, "m.yaml"))

    assert [problem.code for problem in broken.value.problems] == found
