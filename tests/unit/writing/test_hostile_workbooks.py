"""Workbooks built or damaged to harm: a sentence for the sender, never an exception, never a long wait."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable

import pytest
import writing_samples as samples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tasks.writing.figures_workbook import read_figures, write_figures_template
from tasks.writing.package_check import MOST_UNPACKED
from tasks.writing.review_workbook import ReviewWorkbookView, read_review_workbook, review_view, write_review_workbook
from tasks.writing.roster_workbook import read_roster

pytestmark = pytest.mark.timeout(60)
SHEET = "xl/worksheets/sheet1.xml"


@pytest.fixture(scope="module")
def template() -> bytes:
    return write_figures_template(2024, [("101", "青禾县水务局")])


@pytest.fixture(scope="module")
def view() -> ReviewWorkbookView:
    return review_view(samples.card(), samples.rules(), department="青禾县水务局")


@pytest.fixture(scope="module")
def review(view: ReviewWorkbookView) -> bytes:
    return write_review_workbook(view)


def changed(content: bytes, change: Callable[[bytes], bytes], name: str = SHEET) -> bytes:
    """The same package with one part changed."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for member in source.infolist():
            data = source.read(member)
            made.writestr(member.filename, change(data) if member.filename == name else data)
    return target.getvalue()


def problem_of(content: bytes) -> str:
    told = read_figures(content, 2024, {"101"})
    assert told.figures == {} and len(told.problems) == 1
    return told.problems[0]


@pytest.mark.parametrize("tag", ["mergeCell", "hyperlink"])
def test_a_range_over_the_whole_sheet_is_refused_at_once(template: bytes, tag: str) -> None:
    wide = f'<{tag}s><{tag} ref="A1:XFD1048576"/></{tag}s></worksheet>'.encode()
    assert "过大" in problem_of(changed(template, lambda data: data.replace(b"</worksheet>", wide)))


def test_a_row_far_away_is_refused(template: bytes) -> None:
    far = b'<row r="1048576"><c r="A1048576"><v>1</v></c></row></sheetData>'
    assert "超出处理范围" in problem_of(changed(template, lambda data: data.replace(b"</sheetData>", far)))


def test_an_entity_bomb_is_refused(template: bytes) -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    hostile = changed(template, lambda data: re.sub(rb"(<\?xml[^>]*\?>)?", rb"\1" + bomb, data, count=1))
    assert "请" in problem_of(hostile)


def test_a_package_that_unpacks_too_far_is_refused(template: bytes) -> None:
    huge = changed(template, lambda data: data + b" " * MOST_UNPACKED)
    assert len(huge) < 100_000
    assert "过大" in problem_of(huge)


def test_a_million_cells_are_refused(template: bytes) -> None:
    cells = b"<row>" + b"<c/>" * 300_000 + b"</row></sheetData>"
    assert "过大" in problem_of(changed(template, lambda data: data.replace(b"</sheetData>", cells)))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_damaged_workbook_gives_a_sentence_and_no_exception(
    template: bytes, review: bytes, view: ReviewWorkbookView, data: st.DataObject
) -> None:
    content = data.draw(st.sampled_from([template, review]))
    damaged = bytearray(content)
    for _ in range(data.draw(st.integers(1, 5))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] ^= data.draw(st.integers(1, 255))
    hostile = bytes(damaged[: data.draw(st.integers(0, len(damaged)))])
    assert all("请" in problem for problem in read_figures(hostile, 2024, {"101"}).problems)
    assert read_review_workbook(hostile, view).problems
    assert read_roster(hostile).problems


PARTS = (
    SHEET,
    "xl/workbook.xml",
    "xl/styles.xml",
    "xl/sharedStrings.xml",
    "[Content_Types].xml",
    "xl/_rels/workbook.xml.rels",
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_nonsense_inside_a_sound_package_gives_a_sentence_and_no_exception(
    review: bytes, view: ReviewWorkbookView, data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(PARTS))

    def garble(part: bytes) -> bytes:
        values = [match.span(1) for match in re.finditer(rb'="([^"]*)"', part)]
        start, end = data.draw(st.sampled_from(values))
        return part[:start] + data.draw(st.sampled_from([b"", b"-1", b"x", b"99999999", b"A1:B", b"\xe9"])) + part[end:]

    hostile = changed(review, garble, name)
    told = read_review_workbook(hostile, view)
    assert told.problems and told.lines == {}
