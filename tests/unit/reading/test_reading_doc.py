"""Old Word files: the same content as the new ones, from their own streams; the rest through LibreOffice or a reason."""

from __future__ import annotations

import shutil
import struct
from pathlib import Path

import olefile
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reading_samples import CORPUS

from models.document import Document
from tasks.reading import legacy, parse, read_file
from tasks.reading.doc import _grid
from tasks.reading.doc_streams import sprms
from tasks.reading.errors import UnreadableError

needs_corpus = pytest.mark.skipif(not CORPUS.is_dir(), reason="the shared corpus is not beside the project")
needs_office = pytest.mark.skipif(legacy.converter() is None, reason="LibreOffice is not installed")


def content(document: Document) -> list[object]:
    """Everything a reader sees, with the shape of the tables."""
    return [
        "".join(block.full_text.split())
        if block.kind == "paragraph"
        else [(c.row, c.column, c.row_span, c.column_span, "".join(c.text.split())) for c in block.cells]
        for block in document.blocks
    ]


@needs_corpus
@pytest.mark.parametrize("name", ["s000", "s001", "s004"])
def test_doc_and_docx_hold_the_same_blocks_numbers_and_merges(name: str) -> None:
    (new,), (old,) = parse(CORPUS / f"{name}.docx"), parse(CORPUS / f"{name}.doc")
    assert content(old) == content(new)


@needs_corpus
def test_a_wps_file_is_read_as_what_it_is() -> None:
    reading = read_file(CORPUS / "s001.wps")
    assert reading.identity.format == "wps"
    assert sum(table.rows for table in reading.documents[0].tables()) == 142


def changed(path: Path, *changes: tuple[int, str, int]) -> Path:
    """A copy of a real file with numbers of its header overwritten."""
    shutil.copyfile(CORPUS / "s000.doc", path)
    with olefile.OleFileIO(path, write_mode=True) as ole:
        data = bytearray(ole.openstream("WordDocument").read())
        for offset, form, value in changes:
            struct.pack_into(form, data, offset, value)
        ole.write_stream("WordDocument", bytes(data))
    return path


@needs_corpus
@pytest.mark.parametrize(
    ("change", "code"),
    [((0x0A, "<H", 0x0300), "encrypted"), ((2, "<H", 104), "old-word"), ((0, "<H", 0xA5DC), "old-word")],
)
def test_locked_and_ancient_files_say_what_to_do(tmp_path: Path, change: tuple[int, str, int], code: str) -> None:
    error = read_file(changed(tmp_path / "a.doc", change)).error
    assert error is not None
    assert error.code == code
    assert "请" in error.message


@needs_corpus
@needs_office
@pytest.mark.slow
def test_what_our_reader_refuses_libreoffice_reads_and_the_file_stays_itself(tmp_path: Path) -> None:
    path = changed(tmp_path / "a.doc", (0x01A6, "<I", 2))
    with pytest.raises(UnreadableError, match="legacy-unreadable"):
        parse(path)
    reading = read_file(path)
    assert reading.error is None
    assert reading.identity.format == "doc"
    assert reading.identity.name == "a.doc"
    assert len(reading.documents[0].blocks) == len(parse(CORPUS / "s000.doc")[0].blocks)
    assert any("LibreOffice" in warning for warning in reading.documents[0].warnings)


@needs_corpus
def test_without_libreoffice_the_department_is_asked_for_docx(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(legacy, "converter", lambda: None)
    error = read_file(changed(tmp_path / "a.doc", (0x01A6, "<I", 2))).error
    assert error is not None
    assert error.code == "legacy-unreadable"
    assert ".docx" in error.message


@needs_corpus
@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damaged_bytes_never_escape_as_anything_but_a_reason(data: st.DataObject) -> None:
    whole = bytearray((CORPUS / "s000.doc").read_bytes())
    for _ in range(data.draw(st.integers(1, 20))):
        whole[data.draw(st.integers(512, len(whole) - 1))] = data.draw(st.integers(0, 255))
    import tempfile

    with tempfile.NamedTemporaryFile(suffix=".doc") as file:
        file.write(bytes(whole))
        file.flush()
        try:
            parse(Path(file.name))
        except UnreadableError as error:
            assert error.error().message


@given(st.binary(max_size=200))
def test_any_bytes_are_a_finite_list_of_property_changes(data: bytes) -> None:
    assert len([*sprms(data)]) <= len(data)


def test_walls_a_hair_apart_are_one_and_merges_follow_them() -> None:
    rows = [
        [("甲", 0, 1000, "restart"), ("10", 1000, 2000, ""), ("10", 2000, 3000, "")],
        [("", 5, 1005, "continue"), ("20", 1005, 3005, "")],
        [("乙", 0, 1000, "continue")],
    ]
    cells = _grid(rows)
    assert [(c.row, c.column, c.row_span, c.column_span, c.text) for c in cells] == [
        (1, 1, 3, 1, "甲"), (1, 2, 1, 1, "10"), (1, 3, 1, 1, "10"), (2, 2, 1, 2, "20"),
    ]  # fmt: skip
