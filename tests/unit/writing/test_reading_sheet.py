"""The review sheet of a reading: doubtful things first, everything beside its source, every broken cell named."""

from __future__ import annotations

import io
from collections.abc import Mapping
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from models.corrections import apply_corrections
from models.document import FileIdentity, Source
from models.facts import IndicatorLine, Question, ReportFacts, RubricLine
from tasks.writing.fingerprint import fingerprint_of, parsed_fingerprint
from tasks.writing.reading_return import ReadingReturn, read_reading_sheet
from tasks.writing.reading_sheet import (
    FIRST_ROW,
    SHEET,
    Attention,
    Columns,
    ReadingSheetView,
    reading_sheet_rows,
    unsettled,
    write_reading_sheet,
)

DOUBT = Question(field="projects", message="“项目金额”一栏不明。", source=Source(page=5, quote="项目金额"))
NAME = '=HYPERLINK("http://x")'


def facts() -> ReportFacts:
    def line(row: int, name: str, score: str | None, confidence: str | None = None) -> RubricLine:
        return RubricLine(
            source=Source(page=3, table=1, row=row, quote=name),
            places={"score": Source(page=3, table=1, row=row, column=7, quote=score or "")},
            confidence=Decimal(confidence) if confidence else None,
            level3=name,
            weight=Decimal(10),
            score=Decimal(score) if score else None,
        )

    return ReportFacts(
        file=FileIdentity(name="报告.pdf", sha256="a" * 64, format="pdf"),
        department="青禾县水务局",
        fiscal_year="2025",
        self_score=Decimal("81.85"),
        rubric=(line(3, "目标制定", "8"), line(4, "目标实现", "9", "0.84"), line(5, "支出控制", "7", "0.85"), line(6, NAME, None)),
        indicators=(
            IndicatorLine(source=Source(page=4, table=2, row=2), level3="维修渠道", unit="公里", actual=Decimal(13)),
        ),
        questions=(DOUBT,),
    )  # fmt: skip


@pytest.fixture(scope="module")
def view() -> ReadingSheetView:
    return view_of(facts())


def view_of(read: ReportFacts, corrections: tuple = ()) -> ReadingSheetView:
    effective, again = apply_corrections(read, corrections)
    rows, current = reading_sheet_rows(read, effective, again, corrections)
    return ReadingSheetView(
        fiscal_year=2025, code="101", department="青禾县水务局", bureau="青禾县财政局", version=2, files=("报告.pdf",),
        rows=rows, current=current,
    )  # fmt: skip


def filled(view: ReadingSheetView, cells: Mapping[str, tuple[object, object, object]]) -> bytes:
    """A sheet as a person hands it back: path -> (corrected value, reason, name)."""
    book = load_workbook(io.BytesIO(write_reading_sheet(view)))
    sheet = book[SHEET]
    rows = {sheet.cell(row, Columns.PATH).value: row for row in range(FIRST_ROW, sheet.max_row + 1)}
    for path, values in cells.items():
        for column, value in zip((Columns.CORRECTED, Columns.REASON, Columns.WHO), values, strict=True):
            sheet.cell(rows[path], column).value = value
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def handed_back(view: ReadingSheetView, cells: Mapping[str, tuple[object, object, object]]) -> ReadingReturn:
    return read_reading_sheet(filled(view, cells), view)


def test_questions_and_doubtful_values_come_first(view: ReadingSheetView) -> None:
    attention = [row.attention for row in view.rows]
    assert attention == sorted(attention, key=list(Attention).index)
    assert [row.fact.path.split("/")[0:2] for row in unsettled(view)][1:] == [["rubric", "目标实现"]] * 2
    assert view.rows[0].fact.label == DOUBT.message
    by_path = {row.fact.path: row.attention for row in view.rows}
    assert by_path["rubric/支出控制/score"] is Attention.READ
    assert by_path["grade"] is Attention.BLANK


def test_each_value_stands_beside_its_quote_and_place(view: ReadingSheetView) -> None:
    sheet = load_workbook(io.BytesIO(write_reading_sheet(view)))[SHEET]
    row = next(
        r for r in range(FIRST_ROW, sheet.max_row + 1) if sheet.cell(r, Columns.PATH).value == "rubric/目标实现/score"
    )
    assert [sheet.cell(row, column).value for column in (Columns.VALUE, Columns.QUOTE, Columns.PLACE)] == [
        "9", "9", "第3页表1第4行第7列",
    ]  # fmt: skip
    assert sheet.cell(row, Columns.CONFIDENCE).value == 0.84
    assert not sheet.cell(row, Columns.CORRECTED).protection.locked
    assert sheet.cell(row, Columns.VALUE).protection.locked


def test_words_of_a_report_never_become_a_formula(view: ReadingSheetView) -> None:
    sheet = load_workbook(io.BytesIO(write_reading_sheet(view)))[SHEET]
    assert "f" not in {cell.data_type for row in sheet.iter_rows() for cell in row}
    assert any(NAME in str(cell.value) for row in sheet.iter_rows() for cell in row)


def test_it_carries_its_mark_and_equal_content_gives_equal_bytes(view: ReadingSheetView) -> None:
    content = write_reading_sheet(view)
    mark = parsed_fingerprint(fingerprint_of(content) or "")
    assert mark is not None
    assert (mark.kind, mark.fiscal_year, mark.code, mark.version) == ("reading", 2025, "101", 2)
    assert write_reading_sheet(view) == content


def test_an_untouched_sheet_corrects_nothing(view: ReadingSheetView) -> None:
    assert read_reading_sheet(write_reading_sheet(view), view) == ReadingReturn(entries=(), problems=())


def test_what_was_filled_in_comes_back(view: ReadingSheetView) -> None:
    question = view.rows[0].fact.path
    returned = handed_back(
        view,
        {
            "rubric/目标实现/score": (9.5, "原件为9.5", "经办甲"),
            "rubric/目标制定/score": ("（空白）", "该格为空", "经办甲"),
            "indicators/-/维修渠道/actual": ("12.8公里", "看错一行", "经办乙"),
            question: ("是预算数", "问过对方", "经办乙"),
        },
    )
    assert returned.problems == ()
    values = {entry.path: (entry.value, entry.reason, entry.who) for entry in returned.entries}
    assert values == {
        "rubric/目标实现/score": ("9.5", "原件为9.5", "经办甲"),
        "rubric/目标制定/score": (None, "该格为空", "经办甲"),
        "indicators/-/维修渠道/actual": ("12.8公里", "看错一行", "经办乙"),
        question: ("是预算数", "问过对方", "经办乙"),
    }


@pytest.mark.parametrize(
    ("path", "cells", "said"),
    [
        ("rubric/目标实现/score", (11, "理由", "甲"), "高于分值10分"),
        ("rubric/目标实现/score", ("九分", "理由", "甲"), "不是数字"),
        ("rubric/目标实现/score", ("=1+", "理由", "甲"), "没有计算结果"),
        ("rubric/目标实现/score", (True, "理由", "甲"), "不是数字"),
        ("rubric/目标实现/weight", (8, "理由", "甲"), "低于得分9"),
        ("rubric/目标实现/score", (9.5, None, "甲"), "请写明更正理由"),
        ("rubric/目标实现/score", (9.5, "理由", None), "请写明更正人"),
        ("rubric/目标实现/score", (None, "理由", "甲"), "没有填写更正后的值"),
        ("rubric/目标实现/score", (9.5, "理由", "甲" * 41), "超过40字"),
        ("fiscal_year", ("25年", "理由", "甲"), "四位数字"),
        ("indicators/-/维修渠道/actual", ("12800米", "理由", "甲"), "换算"),
    ],
)
def test_every_broken_cell_is_named(
    view: ReadingSheetView, path: str, cells: tuple[object, object, object], said: str
) -> None:
    returned = handed_back(view, {path: cells, "rubric/目标制定/score": (7, "对的", "甲")})
    assert returned.entries == ()
    (problem,) = returned.problems
    assert said in problem
    assert f"工作表“{SHEET}”单元格" in problem


def test_weight_and_score_are_judged_together(view: ReadingSheetView) -> None:
    both = {"rubric/目标实现/score": (12, "看错", "甲"), "rubric/目标实现/weight": (15, "看错", "甲")}
    assert handed_back(view, both).problems == ()


def test_a_row_moved_onto_another_or_changed_is_noticed(view: ReadingSheetView) -> None:
    book = load_workbook(io.BytesIO(write_reading_sheet(view)))
    sheet = book[SHEET]
    sheet.cell(FIRST_ROW + 3, Columns.PATH).value = sheet.cell(FIRST_ROW + 4, Columns.PATH).value
    sheet.cell(FIRST_ROW + 6, Columns.PATH).value = "rubric/没有/score"
    sheet.cell(FIRST_ROW + 7, Columns.VALUE).value = "99"
    target = io.BytesIO()
    book.save(target)
    problems = "".join(read_reading_sheet(target.getvalue(), view).problems)
    assert "同一事项" in problems
    assert "不是审读表中的事项" in problems
    assert "与表中不同" in problems


def test_the_sheet_of_another_version_year_or_department_is_refused(view: ReadingSheetView) -> None:
    content = write_reading_sheet(view)
    for change, said in (({"version": 3}, "第2版"), ({"fiscal_year": 2024}, "2025年度"), ({"code": "102"}, "101")):
        (problem,) = read_reading_sheet(content, view.model_copy(update=change)).problems
        assert said in problem


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not a workbook", b"plain text"])
def test_anything_else_is_refused_with_a_sentence(view: ReadingSheetView, content: bytes) -> None:
    (problem,) = read_reading_sheet(content, view).problems
    assert "审读表" in problem
