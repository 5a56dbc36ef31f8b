"""A file is what its content says; what is dangerous or unfolds beyond measure is refused."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.evidence import samples
from touchstone.evidence import sniffing
from touchstone.evidence.naming import clean_name, extension_of
from touchstone.kernel.refusal import Refusal


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (samples.PDF, sniffing.PDF),
        (samples.picture("PNG"), sniffing.PNG),
        (samples.picture("JPEG"), sniffing.JPEG),
        (samples.picture("TIFF"), sniffing.TIFF),
        (samples.DOCX, sniffing.DOCX),
        (samples.XLSX, sniffing.XLSX),
        ("客户，金额\n甲，1\n".encode(), sniffing.TXT),
        ("客户自述".encode("gb18030"), sniffing.TXT),
    ],
)
def test_the_content_says_what_a_file_is(content: bytes, media_type: str) -> None:
    assert sniffing.type_of(content, extension="exe") == media_type


def test_only_plain_text_is_told_apart_by_its_name() -> None:
    assert sniffing.type_of(b"a,b\n1,2\n", extension="csv") == sniffing.CSV
    assert sniffing.type_of(samples.PDF, extension="csv") == sniffing.PDF


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "evidence.empty"),
        (b"MZ\x90\x00\x03", "evidence.type_refused"),
        (b"\x7fELF\x02\x01", "evidence.type_refused"),
        (b"GIF89a\x01\x00\x01\x00", "evidence.type_refused"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "evidence.type_refused"),
        (b"  \n<!DOCTYPE html><p>x", "evidence.type_refused"),
        (b"<?xml version='1.0'?><svg/>", "evidence.type_refused"),
        (b"hello <ScRiPt>alert(1)</script>", "evidence.type_refused"),
        (b"#!/bin/sh\n\x00", "evidence.type_refused"),
        (b"\xff\xfe\x00", "evidence.type_refused"),
        (samples.PDF[:-8], "evidence.damaged"),
        (samples.picture("PNG")[:50], "evidence.damaged"),
        (samples.picture("JPEG")[:30], "evidence.damaged"),
        (b"II*\x00\xff\xff\xff\xff", "evidence.damaged"),
        (samples.DOCX[:-30], "evidence.damaged"),
        (samples.archive({"a.txt": b"x"}), "evidence.type_refused"),
        (samples.archive({"word/document.xml": b"x"}), "evidence.type_refused"),
        (
            samples.archive(
                {
                    "[Content_Types].xml": b"x",
                    "word/document.xml": b"x",
                    "word/vbaProject.bin": b"x",
                }
            ),
            "evidence.macros",
        ),
        (samples.huge_png(), "evidence.bomb"),
        (
            samples.archive({"[Content_Types].xml": b"x", "word/document.xml": b"0" * 30_000_000}),
            "evidence.bomb",
        ),
        (samples.lying_zip(), "evidence.damaged"),
    ],
)
def test_what_may_not_be_kept_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        sniffing.type_of(content, extension="pdf")

    assert refused.value.code == code


def test_the_pages_of_a_scan_are_counted_together(monkeypatch: pytest.MonkeyPatch) -> None:
    page = Image.new("L", (100, 100))
    file = io.BytesIO()
    page.save(file, "TIFF", save_all=True, append_images=[page] * 4)
    monkeypatch.setattr(sniffing, "MOST_PIXELS", 40_000)

    with pytest.raises(Refusal) as refused:
        sniffing.type_of(file.getvalue())

    assert refused.value.code == "evidence.bomb"


@given(st.binary(max_size=400), st.sampled_from([b"", b"%PDF-", b"\xff\xd8\xff", b"PK\x03\x04"]))
def test_no_bytes_break_it(content: bytes, start: bytes) -> None:
    try:
        found = sniffing.type_of(start + content)
    except Refusal:
        return
    assert found in sniffing.EXTENSIONS


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("收入证明.PDF", "收入证明.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Users\\a\\b.docx", "b.pdf"),
        ("a\u202efdp.exe", "afdp.pdf"),
        ('x"; rm\r\n.pdf', "x rm.pdf"),
        ("report\x00.html", "report.pdf"),
        ("....", "文件.pdf"),
        ("", "文件.pdf"),
        ("长" * 300 + ".pdf", "长" * 80 + ".pdf"),
    ],
)
def test_a_name_is_made_harmless_and_says_what_the_file_is(sent: str, kept: str) -> None:
    assert clean_name(sent, sniffing.PDF) == kept


@given(st.text(max_size=200))
def test_no_name_leads_out_of_its_folder(sent: str) -> None:
    found = clean_name(sent, sniffing.TXT)

    assert found.endswith(".txt")
    assert not set(found) & set('/\\\x00\r\n"\u202e')
    assert not found.startswith(".")
    assert "/" not in extension_of(sent)
