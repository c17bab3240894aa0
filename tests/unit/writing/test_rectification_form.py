"""The remediation reply form, out and back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest

from models.document import Cell, Document, FileIdentity, Source, Table
from tasks.writing.fingerprint import fingerprint_of
from tasks.writing.letters import (
    REPLY_HEAD,
    RectificationFormView,
    RectificationLine,
    rectification_mark,
    write_rectification_form,
)
from tasks.writing.rectification_form import rows_from_document

VIEW = RectificationFormView(
    bureau="青禾县财政局",
    fiscal_year=2024,
    code="101",
    department="青禾县水务局",
    reply_by=date(2025, 11, 30),
    items=(
        RectificationLine(number=1, problem="目标没有量化", due_on=date(2025, 11, 20)),
        RectificationLine(number=2, problem="执行进度偏慢", due_on=date(2025, 11, 20)),
    ),
)


def table(*rows: Sequence[str], number: int = 1) -> Table:
    cells = tuple(
        Cell(row=r, column=c, text=text, place=Source(page=1, table=number, row=r, column=c))
        for r, row in enumerate(rows, 1)
        for c, text in enumerate(row, 1)
    )
    place = Source(page=1, table=number)
    return Table(number=number, rows=len(rows), columns=len(rows[0]), cells=cells, place=place)


def document(*tables: Table) -> Document:
    return Document(file=FileIdentity(name="整改.docx", sha256="0" * 64, format="docx"), blocks=tables)


def row(
    number: str = "1", measure: str = "逐项量化", due: str = "2025年11月20日", progress: str = "已完成"
) -> list[str]:
    return [number, "目标没有量化", measure, "周一", due, progress, "目标表.pdf"]


def test_the_form_is_marked_with_year_and_department() -> None:
    assert fingerprint_of(write_rectification_form(VIEW)) == str(rectification_mark(VIEW))


def test_a_filled_row_is_read_with_its_place() -> None:
    reply = rows_from_document(document(table(REPLY_HEAD, row())))
    assert reply.problems == ()
    (line,) = reply.lines
    assert (line.number, line.measure, line.owner, line.due_on) == (1, "逐项量化", "周一", date(2025, 11, 20))
    assert (line.progress, line.evidence, line.done) == ("已完成", "目标表.pdf", True)
    assert line.source.row == 2


@pytest.mark.parametrize(
    ("words", "done"),
    [
        ("已完成", True), ("已全部整改到位", True), ("已整改", True), ("完成", True), ("正在整改", False), ("未完成", False),
        ("已完成部分整改", False), ("见附件", None), ("", None),
    ],
)  # fmt: skip
def test_done_is_only_what_the_words_say(words: str, done: bool | None) -> None:
    (line,) = rows_from_document(document(table(REPLY_HEAD, row(progress=words)))).lines
    assert line.done is done


@pytest.mark.parametrize("written", ["2025-11-20", "2025.11.20", "2025/11/20", "2025 年 11 月 20 日前"])
def test_dates_are_read_in_the_ways_people_write_them(written: str) -> None:
    (line,) = rows_from_document(document(table(REPLY_HEAD, row(due=written)))).lines
    assert line.due_on == date(2025, 11, 20)


def test_columns_are_found_by_their_headings_in_any_order() -> None:
    shuffled = table(
        ["2024年度整改表", "", "", ""], ["整改情况", "序 号", "整改\n措施", "完成时间"], ["已完成", "（2）", "改", ""]
    )
    (line,) = rows_from_document(document(shuffled)).lines
    assert (line.number, line.measure, line.progress, line.due_on) == (2, "改", "已完成", None)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([row("甲")], "第1页表1第2行第1列：序号“甲”无法识别"),
        ([row(measure="", progress="")], "第1项没有填写整改措施和完成情况"),
        ([row(), row()], "第1页表1第3行第1列：序号1重复"),
        ([row(due="年底前")], "第1项的完成时限“年底前”不是日期"),
        ([row(due="2025-13-40")], "第1项的完成时限“2025-13-40”不是日期"),
        ([], "整改情况反馈表是空的"),
    ],
)
def test_every_unclear_row_is_named(rows: list[list[str]], words: str) -> None:
    problems = rows_from_document(document(table(REPLY_HEAD, *rows))).problems
    assert any(words in problem and "请" in problem for problem in problems), problems


def test_a_document_without_the_form_is_told_so() -> None:
    reply = rows_from_document(document(table(["姓名", "电话"])))
    assert reply.lines == () and "没有找到整改情况反馈表" in reply.problems[0]
