"""The bureau's figures as a workbook (财政数据采集表): the template that goes out, and what comes back.

One row per department, one column per figure of ``models.figures``. A blank cell is an absent figure, never a zero; a
text is not a number. Either every cell is right and all figures are imported, or nothing is and every broken cell is
named with what to do.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from openpyxl.cell import Cell
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from models.document import Frozen
from models.figures import FIGURES, TEXTS, BureauFigures, FigureKey, FigureSpec, TextSpec, Unit, check_figure
from models.numbers import plain
from tasks.writing.fingerprint import Fingerprint, fingerprint_of, parsed_fingerprint
from tasks.writing.opened import Opened, UnreadableWorkbookError, blank, number_in, opened, place, text_of
from tasks.writing.sheets import (
    choice,
    comment,
    finished_workbook,
    lock,
    new_workbook,
    number_between,
    printable,
    put,
    widths,
)

KIND = "figures"
SHEET = "部门数据"
ALL_DEPARTMENTS = "all"
CODE, NAME = "部门编码", "部门名称"
_TITLE_ROW, _NOTE_ROW, _HEAD_ROW, _UNIT_ROW, _FIRST_ROW = 1, 2, 3, 4, 5
_COLUMNS_A_PAGE = 10
_NOTE = (
    "请在浅黄色单元格填写。没有数据的留空（空白表示缺少数据，不等于零）；确实为零的填0。不要改动表头、部门编码和表名。"
)


class FiguresImport(Frozen):
    """What a returned workbook says (导入结果). ``origins`` maps (code, key) to ``工作表!单元格``.

    With any problem, ``figures`` and ``origins`` are empty: nothing is half imported.
    """

    figures: dict[str, BureauFigures]
    origins: dict[tuple[str, str], str]
    problems: tuple[str, ...]


def template_mark(fiscal_year: int) -> Fingerprint:
    """The mark of the year's template (采集表标识)."""
    return Fingerprint(KIND, fiscal_year, ALL_DEPARTMENTS, 1)


def write_figures_template(
    fiscal_year: int,
    departments: Sequence[tuple[str, str]],
    known: Mapping[str, BureauFigures] | None = None,
    *,
    optional: bool = False,
    author: str = "财政局",
) -> bytes:
    """The template (财政数据采集表, .xlsx) for departments given as (code, name).

    ``known`` pre-fills figures that are already there. ``optional`` adds the columns that only some rule sets ask for;
    a column with a known figure is never left out.
    """
    known = known or {}
    mark = template_mark(fiscal_year)
    book = new_workbook(f"{fiscal_year}年度财政数据采集表", author, mark)
    sheet = book.create_sheet(SHEET)
    given = {key for figures in known.values() for key in figures.values}
    specs = [spec for spec in FIGURES.values() if optional or not spec.optional or spec.key in given]
    columns: list[FigureSpec | TextSpec] = [*specs, *TEXTS.values()]
    put(sheet, _TITLE_ROW, 1, f"{fiscal_year}年度部门预算绩效评价财政数据采集表", style="title", span=_COLUMNS_A_PAGE)
    put(sheet, _NOTE_ROW, 1, _NOTE, style="note", span=_COLUMNS_A_PAGE)
    _write_head(sheet, columns)
    for row, (code, name) in enumerate(departments, _FIRST_ROW):
        put(sheet, row, 1, code, style="fixed")
        put(sheet, row, 2, name, style="fixed")
        for column, spec in enumerate(columns, 3):
            _write_known(sheet, row, column, spec, known.get(code))
    last = max(_FIRST_ROW, _FIRST_ROW + len(departments) - 1)
    for column, spec in enumerate(columns, 3):
        _restrict(sheet, f"{get_column_letter(column)}{_FIRST_ROW}:{get_column_letter(column)}{last}", spec)
    widths(sheet, [11, 26, *(15 if isinstance(spec, FigureSpec) else 24 for spec in columns)])
    sheet.row_dimensions[_TITLE_ROW].height, sheet.row_dimensions[_NOTE_ROW].height = 30, 22
    sheet.row_dimensions[_HEAD_ROW].height = 58
    sheet.freeze_panes = sheet.cell(_FIRST_ROW, 3)
    lock(sheet)
    printable(sheet, header_row=_UNIT_ROW, pages_wide=-(-len(columns) // _COLUMNS_A_PAGE))
    sheet.print_title_cols = "A:B"
    return finished_workbook(book, mark)


def _write_head(sheet: Worksheet, columns: Sequence[FigureSpec | TextSpec]) -> None:
    put(sheet, _HEAD_ROW, 1, CODE, style="head", down=2)
    put(sheet, _HEAD_ROW, 2, NAME, style="head", down=2)
    for column, spec in enumerate(columns, 3):
        comment(put(sheet, _HEAD_ROW, column, spec.label, style="head"), spec.help)
        put(sheet, _UNIT_ROW, column, str(spec.unit) if isinstance(spec, FigureSpec) else "文字", style="head")


def _write_known(
    sheet: Worksheet, row: int, column: int, spec: FigureSpec | TextSpec, figures: BureauFigures | None
) -> None:
    if isinstance(spec, FigureSpec):
        cell = put(sheet, row, column, figures.get(spec.key) if figures else None, style="input")
        cell.number_format = "0" if spec.whole else "0.00"
    if isinstance(spec, TextSpec):
        put(sheet, row, column, figures.text(spec.key) if figures else None, style="input_text")


def _restrict(sheet: Worksheet, cells: str, spec: FigureSpec | TextSpec) -> None:
    if isinstance(spec, TextSpec):
        return
    if spec.unit is Unit.YES_NO:
        choice(sheet, cells, ("1", "0"), spec.help)
        return
    low = plain(spec.low) if spec.low is not None else "-1E+15"
    high = plain(spec.high) if spec.high is not None else "1E+15"
    number_between(sheet, cells, low, high, spec.help, whole=spec.whole)


class _Column(NamedTuple):
    number: int
    key: str


def read_figures(content: bytes, fiscal_year: int, known_codes: Collection[str]) -> FiguresImport:
    """Read a returned template (导入财政数据). Never raises on bad content: every problem is a sentence."""
    try:
        book = opened(content)
        sheet = book.sheet(SHEET)
        _check_mark(content, fiscal_year)
    except UnreadableWorkbookError as error:
        return FiguresImport(figures={}, origins={}, problems=(str(error),))
    problems: list[str] = []
    columns = _columns(sheet, problems)
    figures: dict[str, BureauFigures] = {}
    origins: dict[tuple[str, str], str] = {}
    first_rows: dict[str, int] = {}
    for row in range(_FIRST_ROW, sheet.max_row + 1):
        code = text_of(sheet.cell(row, 1).value)
        if not code:
            _complain_about_stray_cells(sheet, row, columns, problems)
            continue
        problem = _code_problem(sheet.cell(row, 1), code, known_codes, first_rows)
        if problem:
            problems.append(problem)
            continue
        first_rows[code] = row
        values, texts = _read_row(book, sheet, row, columns, problems)
        origins.update({(code, key): f"{SHEET}!{coordinate}" for key, coordinate in _places(sheet, row, columns)})
        if not problems:
            figures[code] = BureauFigures(department=code, fiscal_year=fiscal_year, values=values, texts=texts)
    if not first_rows and not problems:
        problems.append(f"工作表“{SHEET}”中没有任何部门的数据，请检查后重新导入。")
    if problems:
        return FiguresImport(figures={}, origins={}, problems=tuple(problems))
    return FiguresImport(figures=figures, origins=origins, problems=())


def _check_mark(content: bytes, fiscal_year: int) -> None:
    text = fingerprint_of(content)
    mark = parsed_fingerprint(text) if text else None
    if mark is None or mark.kind != KIND:
        raise UnreadableWorkbookError("这不是系统生成的财政数据采集表，请使用系统生成的采集表填写后导入。")
    if mark.fiscal_year != fiscal_year:
        raise UnreadableWorkbookError(
            f"这是{mark.fiscal_year}年度的采集表，当前评价年度为{fiscal_year}年，请使用本年度的采集表。"
        )


def _columns(sheet: Worksheet, problems: list[str]) -> list[_Column]:
    keys = {spec.label: str(spec.key) for spec in FIGURES.values()}
    keys |= {text.label: text.key for text in TEXTS.values()}
    found: dict[str, _Column] = {}
    for number in range(3, sheet.max_column + 1):
        cell = sheet.cell(_HEAD_ROW, number)
        label = text_of(cell.value)
        if not label:
            continue
        key = keys.get(label)
        if key is None:
            problems.append(f"{place(cell)}：表头“{label[:40]}”不是采集表的数据项，请恢复原来的表头。")
            continue
        if key in found:
            problems.append(f"{place(cell)}：表头“{label}”重复出现，请只保留一列。")
            continue
        found[key] = _Column(number, key)
    missing = [spec.label for spec in FIGURES.values() if not spec.optional and str(spec.key) not in found]
    problems.extend(f"工作表“{SHEET}”第{_HEAD_ROW}行缺少表头“{label}”，请恢复该列。" for label in missing)
    return list(found.values())


def _code_problem(cell: Cell, code: str, known_codes: Collection[str], first_rows: Mapping[str, int]) -> str | None:
    if code not in known_codes:
        return f"{place(cell)}：部门编码“{code[:40]}”不在部门名册中，请核对编码或者先更新名册。"
    if code in first_rows:
        return f"{place(cell)}：部门编码“{code}”与第{first_rows[code]}行重复，请合并为一行。"
    return None


def _complain_about_stray_cells(sheet: Worksheet, row: int, columns: Sequence[_Column], problems: list[str]) -> None:
    for column in columns:
        cell = sheet.cell(row, column.number)
        if not blank(cell.value):
            problems.append(f"{place(cell)}：该行没有部门编码，无法确定数据属于哪个部门，请补填编码或者清空该行。")
            return


def _read_row(
    book: Opened, sheet: Worksheet, row: int, columns: Sequence[_Column], problems: list[str]
) -> tuple[dict[FigureKey, Decimal], dict[str, str]]:
    values: dict[FigureKey, Decimal] = {}
    texts: dict[str, str] = {}
    for column in columns:
        cell = sheet.cell(row, column.number)
        if column.key in TEXTS:
            if not blank(cell.value):
                texts[column.key] = text_of(cell.value)
            continue
        number = number_in(book, cell)
        if isinstance(number, str):
            problems.append(number)
            continue
        if number is None:
            continue
        key = FigureKey(column.key)
        problem = check_figure(key, number)
        if problem:
            problems.append(f"{place(cell)}：{problem}")
            continue
        values[key] = number
    return values, texts


def _places(sheet: Worksheet, row: int, columns: Sequence[_Column]) -> list[tuple[str, str]]:
    cells = [(column.key, sheet.cell(row, column.number)) for column in columns]
    return [(key, cell.coordinate) for key, cell in cells if not blank(cell.value)]
