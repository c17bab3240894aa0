"""Archives: every report in them is read once, under the name it came with."""

from __future__ import annotations

import zipfile
from pathlib import Path

import py7zr
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reading_samples import CORPUS, gbk_zip, plain_docx, plain_xlsx

from tasks.reading import DEFAULT_LIMITS, parse, read_file
from tasks.reading.archive import label


def names(path: Path) -> list[str]:
    reading = read_file(path)
    assert reading.error is None, reading.error
    return [document.file.name for document in reading.documents]


def test_names_written_by_windows_in_gbk_are_read(tmp_path: Path) -> None:
    content = plain_docx(tmp_path / "x.docx").read_bytes()
    path = gbk_zip(tmp_path / "包.zip", {"绩效/部门自评报告.docx": content, "项目自评表.docx": content})
    assert names(path) == ["绩效/部门自评报告.docx", "项目自评表.docx"]


def test_names_in_utf8_are_read(tmp_path: Path) -> None:
    content = plain_docx(tmp_path / "x.docx").read_bytes()
    with zipfile.ZipFile(tmp_path / "包.zip", "w") as archive:
        archive.writestr("报告①.docx", content)
    assert names(tmp_path / "包.zip") == ["报告①.docx"]


def test_the_same_name_twice_keeps_both(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "包.zip", "w") as archive:
        archive.write(plain_docx(tmp_path / "x.docx", "一"), "报告.docx")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.write(plain_docx(tmp_path / "y.docx", "二"), "报告.docx")
    reading = read_file(tmp_path / "包.zip")
    assert [next(document.paragraphs()).text for document in reading.documents] == ["一", "二"]


def test_paths_that_climb_are_only_labels(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "包.zip", "w") as archive:
        archive.write(plain_docx(tmp_path / "x.docx"), "../../etc/报告.docx")
    assert names(tmp_path / "包.zip") == ["etc/报告.docx"]
    assert not (tmp_path.parent.parent / "etc").exists()


def test_links_and_system_litter_are_passed_over(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "包.zip", "w") as archive:
        link = zipfile.ZipInfo("链接.docx")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("__MACOSX/._报告.docx", "x")
        archive.writestr("~$报告.docx", "x")
        archive.write(plain_docx(tmp_path / "x.docx"), "报告.docx")
    assert names(tmp_path / "包.zip") == ["报告.docx"]


def test_a_7z_is_read(tmp_path: Path) -> None:
    with py7zr.SevenZipFile(tmp_path / "包.7z", "w") as archive:
        archive.write(plain_docx(tmp_path / "x.docx"), "甲/报告.docx")
        archive.write(plain_xlsx(tmp_path / "y.xlsx"), "乙.xlsx")
    assert sorted(names(tmp_path / "包.7z")) == ["乙.xlsx", "甲/报告.docx"]
    assert read_file(tmp_path / "包.7z").identity.format == "7z"


def test_an_encrypted_7z_says_that_it_has_a_password(tmp_path: Path) -> None:
    with py7zr.SevenZipFile(tmp_path / "包.7z", "w", password="x") as archive:
        archive.write(plain_docx(tmp_path / "x.docx"), "报告.docx")
    reading = read_file(tmp_path / "包.7z")
    assert reading.error is not None
    assert reading.error.code == "encrypted"


def test_too_many_documents_are_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "包.zip", "w") as archive:
        for number in range(5):
            archive.writestr(f"{number}.docx", "x")
    reading = read_file(tmp_path / "包.zip", limits=DEFAULT_LIMITS.model_copy(update={"archive_documents": 4}))
    assert reading.error is not None
    assert reading.error.code == "limit-exceeded"


def test_when_no_member_can_be_read_the_error_names_them(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "包.zip", "w") as archive:
        archive.writestr("甲.docx", "没有内容")
        archive.writestr("乙.pdf", "没有内容")
    error = read_file(tmp_path / "包.zip").error
    assert error is not None
    assert error.code == "archive-unreadable"
    assert "甲.docx" in error.message
    assert "乙.pdf" in error.message


def test_an_archive_within_an_archive_is_read(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "内.zip", "w") as archive:
        archive.write(plain_docx(tmp_path / "x.docx"), "报告.docx")
    with zipfile.ZipFile(tmp_path / "外.zip", "w") as archive:
        archive.write(tmp_path / "内.zip", "内.zip")
        archive.write(plain_xlsx(tmp_path / "y.xlsx"), "表.xlsx")
    assert names(tmp_path / "外.zip") == ["报告.docx", "表.xlsx"]
    assert len(parse(tmp_path / "外.zip")) == 2


@given(st.text(max_size=300))
def test_a_label_is_short_relative_and_visible(name: str) -> None:
    made = label(name)
    assert 0 < len(made) <= 200
    assert not made.startswith("/")
    assert ".." not in made.split("/")
    assert not any(ord(char) < 32 or "\u202a" <= char <= "\u202e" for char in made)


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the shared corpus is not beside the project")
def test_the_shared_bundle_is_read_with_its_chinese_names() -> None:
    found = names(CORPUS / "bundle_gbk.zip")
    assert len(found) == 3
    assert all(any("\u4e00" <= char <= "\u9fff" for char in name) for name in found)
