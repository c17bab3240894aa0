"""The mark of a workbook: found where it survives, never an exception on hostile bytes."""

from __future__ import annotations

import io
import zipfile

import pytest
import writing_samples as samples
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.writing.figures_workbook import template_mark, write_figures_template
from tasks.writing.fingerprint import Fingerprint, fingerprint_of, parsed_fingerprint

MARK = Fingerprint("self", 2024, "101", 3)


def package(**parts: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for name, text in parts.items():
            made.writestr(name.replace("__", "/") + ".xml", text)
    return target.getvalue()


@given(st.text(min_size=1, max_size=20).filter(lambda code: code.isprintable()), st.integers(0, 999_999))
def test_a_mark_says_what_it_was_made_from(code: str, version: int) -> None:
    mark = Fingerprint("review", 2024, code, version)
    assert parsed_fingerprint(str(mark)) == mark
    assert fingerprint_of(package(docProps__core=f"<k>{mark}</k>")) == str(mark)


def test_a_changed_mark_is_no_mark() -> None:
    changed = str(MARK).replace(":101:", ":102:")
    assert parsed_fingerprint(changed) is None
    assert fingerprint_of(package(docProps__core=changed)) is None


def test_the_mark_survives_saving_by_another_program() -> None:
    content = write_figures_template(2024, [("101", "青禾县水务局")])
    assert fingerprint_of(content) == str(template_mark(2024))
    assert fingerprint_of(samples.edited(content, {("部门数据", "C5"): 1})) == str(template_mark(2024))


def test_two_different_marks_are_none() -> None:
    other = Fingerprint("self", 2024, "102", 1)
    assert fingerprint_of(package(docProps__core=f"{MARK}", xl__workbook=f"{other}")) is None
    assert fingerprint_of(package(docProps__core=f"{MARK}", xl__workbook=f"{MARK}")) == str(MARK)


@given(st.binary(max_size=400))
def test_any_bytes_are_safe(content: bytes) -> None:
    assert fingerprint_of(content) is None
    assert fingerprint_of(b"PK\x03\x04" + content) is None


@settings(max_examples=60)
@given(st.data())
def test_a_cut_or_damaged_workbook_is_safe(data: st.DataObject) -> None:
    whole = package(docProps__core=str(MARK), xl__workbook="x" * 500)
    at = data.draw(st.integers(0, len(whole) - 1))
    damaged = bytearray(whole)
    damaged[at] ^= data.draw(st.integers(1, 255))
    assert fingerprint_of(bytes(damaged)) in {None, str(MARK)}
    assert fingerprint_of(whole[:at]) is None


@pytest.mark.timeout(10)
def test_a_bomb_is_looked_at_only_so_far() -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as made:
        for number in range(30):
            made.writestr(f"xl/worksheets/sheet{number}.xml", b"0" * 20_000_000)
    assert fingerprint_of(bomb.getvalue()) is None
