"""Workbooks: cells as shown, where the sheet has them; what is hidden is left out and named."""

from __future__ import annotations

import datetime
import zipfile
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reading_samples import CORPUS, plain_xlsx

from models.document import Document, Table
from tasks.reading import parse
from tasks.reading.shown import is_date, shown


def read(path: Path) -> Document:
    (document,) = parse(path)
    return document


def grid(table: Table) -> list[list[str | None]]:
    return [[cell.text if cell else None for cell in row] for row in table.owners()]


def test_title_rows_are_paragraphs_and_the_table_has_the_places_of_the_sheet(tmp_path: Path) -> None:
    document = read(plain_xlsx(tmp_path / "a.xlsx"))
    (title,) = document.paragraphs()
    assert (title.text, title.place.sheet, title.place.row) == ("项目支出绩效自评表", "自评表", 1)
    (table,) = document.tables()
    found = {cell.text: cell for cell in table.cells}
    assert (found["宣传场次"].place.row, found["宣传场次"].place.column, found["宣传场次"].place.sheet) == (
        4,
        2,
        "自评表",
    )
    assert found["产出指标"].row_span == 2
    assert grid(table)[4] == ["产出指标", "案件办结率", "≥95%", "97%", "20", ""]


def test_numbers_are_read_as_shown(tmp_path: Path) -> None:
    (table,) = read(plain_xlsx(tmp_path / "a.xlsx")).tables()
    assert grid(table)[7][1] == "100.00%"
    assert grid(table)[8][1] == "9,152.57万元"


def test_hidden_sheets_rows_and_columns_are_left_out_and_named(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row, values in enumerate((("甲", "乙", "丙"), ("1", "2", "3"), ("4", "5", "6")), 1):
        for column, value in enumerate(values, 1):
            sheet.cell(row, column, value)
    sheet.row_dimensions[2].hidden = True
    sheet.column_dimensions["B"].hidden = True
    secret = book.create_sheet("旧表")
    secret["A1"] = "不应读出"
    secret.sheet_state = "hidden"
    book.save(tmp_path / "a.xlsx")
    document = read(tmp_path / "a.xlsx")
    assert {cell.text for table in document.tables() for cell in table.cells} == {"甲", "丙", "4", "6", ""}
    assert any("旧表" in warning for warning in document.warnings)
    assert any("隐藏的行或列" in warning for warning in document.warnings)


def test_a_formula_without_a_saved_result_is_blank_and_reported(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["A1"], sheet["B1"], sheet["A2"], sheet["B2"] = "合计", "=1+1", "甲", "乙"
    book.save(tmp_path / "a.xlsx")
    document = read(tmp_path / "a.xlsx")
    (table,) = document.tables()
    assert grid(table)[0] == ["合计", ""]
    assert any("1个公式" in warning for warning in document.warnings)


def test_tables_under_each_other_with_a_title_between_are_two(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row, values in (
        (1, ("甲", "乙")),
        (2, ("1", "2")),
        (4, ("第二张表", None)),
        (5, ("丙", "丁")),
        (6, ("3", "4")),
    ):
        for column, value in enumerate(values, 1):
            sheet.cell(row, column, value)
    sheet.merge_cells("A4:B4")
    book.save(tmp_path / "a.xlsx")
    document = read(tmp_path / "a.xlsx")
    assert [block.kind for block in document.blocks] == ["table", "paragraph", "table"]
    assert [table.cells[0].place.row for table in document.tables()] == [1, 5]


def test_strict_workbooks_are_read_like_others(tmp_path: Path) -> None:
    path = plain_xlsx(tmp_path / "a.xlsx")
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    usual, strict = (
        b"http://schemas.openxmlformats.org/spreadsheetml/2006/",
        b"http://purl.oclc.org/ooxml/spreadsheetml/",
    )
    with zipfile.ZipFile(tmp_path / "b.xlsx", "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data.replace(usual, strict))
    assert read(tmp_path / "b.xlsx").blocks == read(path).blocks


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        (1, "0.00%", "100.00%"), (0.8306, "0%", "83%"), (Decimal("83.06306306306306"), "General", "83.0630630631"),
        (90.0, "General", "90"), (1e-7, "General", "0.0000001"), (9152.565, "#,##0.00", "9,152.57"), (5, "00", "05"),
        (3.5, '0.0"万元"', "3.5万元"), (-3, "0;(0)", "(3)"), (0, '0;-0;"无"', "无"), (2.50, "0.##", "2.5"), (2, "0.##", "2"),
        (1500, "0,", "2"), (12, "[Red]0.0_ ", "12.0"), (45291, "yyyy/m/d", "2023年12月31日"), (7, '"≥"0', "≥7"),
        (True, "General", "TRUE"), ("已完成", "0.00", "已完成"), (datetime.date(2024, 3, 1), "General", "2024年3月1日"),
        (None, "0", ""), (8, "@", "8"), (-0.001, "0.0", "0.0"),
    ],
)  # fmt: skip
def test_a_value_is_shown_in_its_format(value: object, form: str, text: str) -> None:
    assert shown(value, form) == text


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=4), st.integers(0, 4))
def test_a_shown_number_is_within_half_of_its_last_digit(value: Decimal, places: int) -> None:
    form = f"0.{'0' * places}" if places else "0"
    assert abs(Decimal(shown(value, form)) - value) <= Decimal(5).scaleb(-places - 1)


def test_dates_are_told_from_numbers_by_their_format() -> None:
    assert is_date("yyyy年m月d日")
    assert is_date("[$-804]m/d/yy")
    assert not is_date("0.00%")
    assert not is_date("General")
    assert not is_date('0"月"')


def rows(document: Document) -> list[list[str]]:
    """Rows without empty ones and with equal neighbours of one merged cell told once."""
    found = []
    for table in document.tables():
        for row in table.owners():
            cells = [
                cell
                for position, cell in enumerate(row)
                if cell is not None and (not position or cell is not row[position - 1])
            ]
            texts = ["".join(cell.text.split()) for cell in cells]
            if any(texts):
                found.append(texts)
    return found


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the shared corpus is not beside the project")
def test_old_and_new_workbooks_show_the_same() -> None:
    new, old = read(CORPUS / "s004_tables.xlsx"), read(CORPUS / "s004_tables.xls")
    assert rows(new) == rows(old)
    assert sum(text == "100.00%" for row in rows(old) for text in row) >= 6


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the shared corpus is not beside the project")
def test_a_workbook_holds_the_table_rows_of_the_word_file() -> None:
    word = {tuple(row) for row in rows(read(CORPUS / "s004.docx"))}
    sheets = [tuple(row) for row in rows(read(CORPUS / "s004_tables.xlsx"))]
    assert sum(row in word for row in sheets) >= len(sheets) - 5  # five totals are shown with decimals
