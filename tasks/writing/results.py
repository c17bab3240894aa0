"""The results as open data (结果开放数据): results.json, results.csv and results.xlsx."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from pathlib import Path

from openpyxl.worksheet.worksheet import Worksheet

from models.numbers import plain
from models.published import PublishedDepartment, PublishedResults
from tasks.writing.sheets import finished_workbook, new_workbook, printable, put, widths
from tasks.writing.word_text import clean

SUMMARY, DETAIL, EDITION = "结果总表", "分项得分", "版次说明"
SUMMARY_HEAD = (
    "名次", "部门编码", "部门名称", "状态", "自评得分", "是否抽查", "复核得分", "偏离度（%）", "自评准确扣分", "最终得分", "等级",
)  # fmt: skip
# The table stands alone once it is downloaded: every row says of which edition it is.
EDITION_HEAD = ("版次", "公布日期")
DETAIL_HEAD = (
    "部门编码", "部门名称", "一级指标", "二级指标", "指标", "分值", "自评得分", "计算得分", "判定得分", "复核得分", "最终得分", "说明",
)  # fmt: skip
_SHORT_TEXT, _LINE_LENGTH, _ROW_HEIGHT = 5, 44, 20
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def results_json(results: PublishedResults) -> bytes:
    """The results as JSON (公开结果 JSON), numbers as plain decimal strings."""
    return (json.dumps(results.model_dump(mode="json"), ensure_ascii=False, indent=2) + "\n").encode()


def results_csv(results: PublishedResults) -> bytes:
    """The summary as CSV (公开结果 CSV): UTF-8 with BOM, CRLF, no text that a spreadsheet would run as a formula."""
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow([*SUMMARY_HEAD, *EDITION_HEAD])
    edition = [results.edition, results.published_on]
    for department in results.departments:
        writer.writerow([_csv_cell(value) for value in [*_summary(department), *edition]])
    return b"\xef\xbb\xbf" + target.getvalue().encode()


def results_workbook(results: PublishedResults) -> bytes:
    """The results as a workbook (公开结果 xlsx): a summary, all lines, and which edition this is with what it corrects."""
    book = new_workbook(f"{results.fiscal_year}年度预算绩效评价结果", results.bureau)
    summary = book.create_sheet(SUMMARY)
    title = f"{results.county}{results.fiscal_year}年度部门预算绩效评价结果"
    put(summary, 1, 1, title, style="title", span=len(SUMMARY_HEAD))
    summary.row_dimensions[1].height = 32
    _write(summary, 2, SUMMARY_HEAD, [_summary(department) for department in results.departments])
    widths(summary, (8, 12, 34, 10, 11, 10, 11, 13, 14, 11, 8))
    for cell in summary["H"][2:]:
        # The exact percentage is in the cell; people see two decimals.
        cell.number_format = "0.00"
    summary.freeze_panes = "D3"
    summary.auto_filter.ref = f"A2:K{2 + len(results.departments)}"
    printable(summary, header_row=2)
    detail = book.create_sheet(DETAIL)
    rows = [row for department in results.departments for row in _details(department)]
    _write(detail, 1, DETAIL_HEAD, rows)
    widths(detail, (12, 30, 16, 14, 14, 8, 10, 10, 10, 10, 10, 90))
    detail.freeze_panes = "F2"
    detail.auto_filter.ref = f"A1:L{1 + len(rows)}"
    printable(detail, header_row=1)
    _write_edition(book.create_sheet(EDITION), results)
    return finished_workbook(book)


def _write_edition(sheet: Worksheet, results: PublishedResults) -> None:
    """Which edition this is, and what it corrects (版次说明)."""
    put(sheet, 1, 1, f"{results.fiscal_year}年度评价结果版次说明", style="title", span=5)
    sheet.row_dimensions[1].height = 32
    facts = [
        ("版次", f"第{results.edition}版"),
        ("公布日期", results.published_on or None),
        ("文号", results.document_number),
        ("评价规则", f"{results.ruleset.title or results.ruleset.id}（摘要 {results.ruleset.digest[:16]}）"),
    ]
    if results.correction:
        facts += [("更正的版次", f"第{results.correction.edition}版（{results.correction.published_on}公布）")]
        facts += [("更正原因", results.correction.reason)]
    for row, (label, value) in enumerate(facts, 2):
        put(sheet, row, 1, label)
        put(sheet, row, 2, value, span=4)
    first = len(facts) + 3
    rows: list[list[CellValue]] = [[c.department, c.item, c.before, c.after, c.why] for c in results.revisions]
    if rows:
        _write(sheet, first, ("部门", "更正事项", "原公布", "更正为", "原因"), rows)
    widths(sheet, (34, 18, 18, 30, 36))
    printable(sheet, header_row=1)


def write_results(results: PublishedResults, folder: Path) -> tuple[Path, ...]:
    """Write the three files (写出结果文件) into a folder, each replaced as a whole; gives their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for name, content in (
        ("results.xlsx", results_workbook(results)),
        ("results.csv", results_csv(results)),
        ("results.json", results_json(results)),
    ):
        path = folder / name
        part = folder / f".{name}.part"
        part.write_bytes(content)
        part.replace(path)
        made.append(path)
    return tuple(made)


CellValue = str | Decimal | None


def _summary(department: PublishedDepartment) -> list[CellValue]:
    return [
        Decimal(department.rank) if department.rank else None,
        department.code,
        department.name,
        department.status_label,
        department.self_score,
        "是" if department.spot_checked else "否",
        department.review_score,
        department.deviation_percent,
        department.deduction,
        department.final_score,
        department.grade,
    ]


def _details(department: PublishedDepartment) -> list[list[CellValue]]:
    return [
        [department.code, department.name, line.level1, line.level2, line.label, line.maximum, line.self, line.computed,
         line.judged, line.reviewed, line.final, line.explanation]
        for line in department.lines
    ]  # fmt: skip


def _csv_cell(value: CellValue) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return plain(value)
    text = clean(value)
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _write(sheet: Worksheet, first: int, head: tuple[str, ...], rows: list[list[CellValue]]) -> None:
    for column, label in enumerate(head, 1):
        put(sheet, first, column, label, style="head")
    for number, row in enumerate(rows, first + 1):
        longest = 0
        for column, value in enumerate(row, 1):
            short = value is None or isinstance(value, Decimal) or len(value) <= _SHORT_TEXT
            put(sheet, number, column, value, style="number" if short else "text")
            longest = max(longest, len(value) if isinstance(value, str) else 0)
        sheet.row_dimensions[number].height = _ROW_HEIGHT + 14 * (longest // _LINE_LENGTH)
