"""Files that are broken, locked or built to do harm: each gives a named error in time, and leaves the others read."""

from __future__ import annotations

import threading
import time
import zipfile
from pathlib import Path

import openpyxl
import pytest
from reading_samples import flate_bomb_pdf, p, pdf, plain_docx, plain_xlsx, raw_docx, tbl, tc, tr

from tasks.reading import DEFAULT_LIMITS, ReadLimits, read_file, read_files
from tasks.reading.errors import MESSAGES, sentence
from tasks.reading.sandbox import Pool

QUICK = DEFAULT_LIMITS.model_copy(update={"wall_seconds": 45.0, "address_space": 1536 * 1024 * 1024})
# Without its limit each of these would take minutes or for ever; a machine busy with other things takes its time too.
SOON = 60


def code_of(path: Path, limits: ReadLimits = QUICK, name: str | None = None) -> str:
    reading = read_file(path, limits=limits, name=name)
    assert reading.error is not None, f"{path.name} was read: {reading.documents}"
    assert reading.documents == ()
    assert len(reading.error.message) > 15
    assert any("\u4e00" <= char <= "\u9fff" for char in reading.error.message)
    return reading.error.code


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("空.docx", b"", "empty"),
        ("零.pdf", b"\0" * 4096, "empty"),
        ("乱.docx", b"hello, this is no document", "damaged"),
        ("乱.xyz", b"hello, this is no document", "unknown-format"),
        ("旧.wps", b"\x01\xfe\x32\x00 some old file", "old-wps"),
        ("旧.doc", b"\xdb\xa5\x2d\x00" + b"\0abc" * 200, "old-word"),
        ("富.doc", b"{\\rtf1\\ansi text}", "rtf"),
        ("网.xls", b"\xef\xbb\xbf<html><table><tr><td>1</td></tr></table></html>", "html"),
        ("坏.docx", b"PK\x03\x04" + b"x" * 500, "damaged"),
        ("坏.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "damaged"),
        ("坏.pdf", b"%PDF-1.7\nnothing here", "damaged"),
        ("坏.7z", b"7z\xbc\xaf\x27\x1c\0\x04" + b"\1" * 64, "damaged"),
        ("坏.rar", b"Rar!\x1a\x07\x01\x00" + b"\0" * 64, "damaged"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_that_is_not_what_it_says_is_refused_by_content(
    tmp_path: Path, name: str, data: bytes, code: str
) -> None:
    assert code_of(written(tmp_path / name, data)) == code


def test_a_wrong_extension_does_not_matter(tmp_path: Path) -> None:
    path = plain_docx(tmp_path / "报告.docx").rename(tmp_path / "报告.pdf")
    reading = read_file(path)
    assert reading.error is None
    assert reading.identity.format == "docx"


@pytest.mark.parametrize("share", [0.3, 0.7, 0.98])
@pytest.mark.parametrize("kind", ["docx", "xlsx", "pdf"])
def test_a_file_cut_off_on_its_way_is_damaged(tmp_path: Path, kind: str, share: float) -> None:
    make = {
        "docx": plain_docx,
        "xlsx": plain_xlsx,
        "pdf": lambda path: pdf(path, lambda page: page.text(72, 72, "自评报告")),
    }
    whole = make[kind](tmp_path / f"整.{kind}").read_bytes()
    cut = written(tmp_path / f"断.{kind}", whole[: int(len(whole) * share)])
    reading = read_file(cut, limits=QUICK)
    if kind == "pdf" and share > 0.9 and reading.error is None:
        assert reading.documents[0].blocks  # pdfium rebuilds a lost cross-reference table
    else:
        assert reading.error is not None
        assert reading.error.code in {"damaged", "no-text"}


def test_an_encrypted_pdf_says_that_it_has_a_password(tmp_path: Path) -> None:
    assert code_of(pdf(tmp_path / "密.pdf", lambda page: page.text(72, 72, "内容"), password="secret")) == "encrypted"


def test_an_encrypted_member_of_a_zip_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    good = plain_docx(tmp_path / "好.docx").read_bytes()
    path = tmp_path / "包.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("locked.docx", good)
        archive.writestr("open.docx", good)
    data = bytearray(path.read_bytes())
    data[6] |= 1
    data[data.find(b"PK\x01\x02") + 8] |= 1
    reading = read_file(written(path, bytes(data)))
    assert reading.error is None
    assert [document.file.name for document in reading.documents] == ["open.docx"]
    assert [(member.identity.name, member.error.code) for member in reading.member_errors] == [
        ("locked.docx", "encrypted")
    ]


def test_an_ofd_file_is_refused_with_advice(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "文.ofd", "w") as archive:
        archive.writestr("OFD.xml", "<ofd/>")
        archive.writestr("Doc_0/Document.xml", "<d/>")
    assert code_of(tmp_path / "文.ofd") == "ofd"
    assert "PDF" in sentence("ofd")


def test_a_zip_bomb_in_a_word_file_is_refused_before_unpacking(tmp_path: Path) -> None:
    path = raw_docx(tmp_path / "弹.docx", p("字" * 20_000_000))
    started = time.monotonic()
    assert code_of(path) == "suspicious"
    assert time.monotonic() - started < SOON


def test_millions_of_empty_paragraphs_are_refused(tmp_path: Path) -> None:
    path = raw_docx(tmp_path / "多.docx", "<w:p/>" * 3_000_000)
    assert code_of(path) in {"suspicious", "limit-exceeded"}
    loose = QUICK.model_copy(update={"ratio": 10**9})
    assert code_of(path, loose) == "limit-exceeded"


def test_a_document_type_declaration_is_refused(tmp_path: Path) -> None:
    path = raw_docx(tmp_path / "实.docx", p("正文"))
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["word/document.xml"] = b'<!DOCTYPE w [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + parts[
        "word/document.xml"
    ].replace("正文".encode(), b"&a;")
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    assert code_of(path) == "suspicious"


def test_deep_nesting_is_refused(tmp_path: Path) -> None:
    body = p("深")
    for _ in range(20):
        body = tbl(tr(f"<w:tc>{body}<w:p/></w:tc>"))
    assert code_of(raw_docx(tmp_path / "深.docx", body)) == "limit-exceeded"
    very_deep = "<w:tbl><w:tr><w:tc>" * 3000 + "<w:p/>" + "</w:tc></w:tr></w:tbl>" * 3000
    assert code_of(raw_docx(tmp_path / "极深.docx", very_deep), QUICK.model_copy(update={"ratio": 10**9})) == "damaged"


def test_a_table_of_ten_thousand_rows_is_refused_by_name(tmp_path: Path) -> None:
    path = raw_docx(tmp_path / "长.docx", tbl(*(tr(tc("甲"), tc(str(n))) for n in range(10_000))))
    reading = read_file(path, limits=QUICK.model_copy(update={"ratio": 10**9}))
    assert reading.error is not None
    assert reading.error.code == "limit-exceeded"
    assert "2000行" in reading.error.message


def test_a_huge_span_is_clamped(tmp_path: Path) -> None:
    path = raw_docx(tmp_path / "宽.docx", tbl(tr(tc("甲", '<w:gridSpan w:val="100000000"/>'), tc("乙"))))
    reading = read_file(path, limits=QUICK)
    assert reading.error is None
    (table,) = reading.documents[0].tables()
    assert [cell.text for cell in table.cells] == ["甲", "乙"]
    assert table.columns == 2


def test_a_cell_in_the_last_corner_of_a_sheet_is_refused(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["A1"], sheet["XFD1048576"] = "甲", "乙"
    book.save(tmp_path / "远.xlsx")
    started = time.monotonic()
    assert code_of(tmp_path / "远.xlsx") == "limit-exceeded"
    assert time.monotonic() - started < SOON


def test_a_merge_over_the_whole_sheet_costs_nothing(tmp_path: Path) -> None:
    path = plain_xlsx(tmp_path / "并.xlsx")
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = "xl/worksheets/sheet1.xml"
    parts[name] = parts[name].replace(b'ref="A1:F1"', b'ref="A1:XFD1048576"')
    with zipfile.ZipFile(path, "w") as archive:
        for part, data in parts.items():
            archive.writestr(part, data)
    started = time.monotonic()
    reading = read_file(path, limits=QUICK)
    assert time.monotonic() - started < SOON
    assert reading.error is None


def test_a_pdf_that_inflates_for_ever_ends_in_time(tmp_path: Path) -> None:
    limits = QUICK.model_copy(update={"wall_seconds": 4.0, "address_space": 1024 * 1024 * 1024})
    started = time.monotonic()
    assert code_of(flate_bomb_pdf(tmp_path / "弹.pdf", 400), limits) in {
        "crashed",
        "timeout",
        "memory",
        "limit-exceeded",
        "damaged",
    }
    assert time.monotonic() - started < SOON


def test_too_many_pages_are_refused(tmp_path: Path) -> None:
    path = pdf(tmp_path / "厚.pdf", *[lambda page: page.text(72, 72, "一页")] * 12)
    assert code_of(path, QUICK.model_copy(update={"pages": 10})) == "limit-exceeded"


def test_a_file_over_the_size_limit_is_not_opened(tmp_path: Path) -> None:
    assert code_of(plain_docx(tmp_path / "大.docx"), QUICK.model_copy(update={"file_bytes": 100})) == "too-large"


def test_archives_in_archives_end_at_the_second_level(tmp_path: Path) -> None:
    inner = plain_docx(tmp_path / "报告.docx")
    for level in range(3):
        outer = tmp_path / f"{level}.zip"
        with zipfile.ZipFile(outer, "w") as archive:
            archive.write(inner, inner.name)
        inner = outer
    reading = read_file(inner, limits=QUICK)
    assert reading.error is not None
    assert reading.error.code == "archive-too-deep"
    assert read_file(tmp_path / "1.zip", limits=QUICK).error is None


def test_an_archive_without_reports_says_so(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "空.zip", "w") as archive:
        archive.writestr("说明.txt", "没有报告")
        archive.writestr("__MACOSX/._报告.docx", "x")
    assert code_of(tmp_path / "空.zip") == "archive-empty"


def test_a_missing_file_is_an_error_and_not_an_exception(tmp_path: Path) -> None:
    assert code_of(tmp_path / "没有.docx") == "missing-file"


def test_one_bad_file_leaves_the_others_read_in_order(tmp_path: Path) -> None:
    limits = QUICK.model_copy(update={"wall_seconds": 4.0, "address_space": 1024 * 1024 * 1024})
    good = plain_docx(tmp_path / "好.docx")
    bomb = flate_bomb_pdf(tmp_path / "弹.pdf", 400)
    readings = [*read_files([good, bomb, good, written(tmp_path / "空.doc", b""), good], limits=limits)]
    assert [reading.error is None for reading in readings] == [True, False, True, False, True]
    assert [reading.identity.name for reading in readings] == ["好.docx", "弹.pdf", "好.docx", "空.doc", "好.docx"]


def test_children_are_reused_and_replaced_after_a_crash(tmp_path: Path) -> None:
    pool = Pool(1)
    good = plain_docx(tmp_path / "好.docx")
    request = {
        "path": str(good), "name": "好.docx", "ocr": False, "understand": False, "limits": QUICK.model_dump(),
        "folder": str(tmp_path), "depth": 0,
    }  # fmt: skip
    with pool.child(False) as first:
        first.ask(request, QUICK)
    with pool.child(False) as second:
        assert second is first
        second.close()
    assert pool.ask(request, QUICK)["kind"] == "document"
    with pool.child(False) as third:
        assert third is not first
    pool.close()


def test_files_are_read_from_many_threads_at_once(tmp_path: Path) -> None:
    good = plain_docx(tmp_path / "好.docx")
    results: list[bool] = []
    threads = [threading.Thread(target=lambda: results.append(read_file(good).error is None)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [True] * 6


def test_every_error_sentence_is_complete_without_a_detail() -> None:
    for code in MESSAGES:
        text = sentence(code)
        assert "{" not in text
        assert "（）" not in text
        assert text.endswith("。")
