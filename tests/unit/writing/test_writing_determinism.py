"""Equal input gives equal bytes, for every file that leaves the house."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
import writing_samples as samples

from models.approved import ApprovedProject
from models.states import RectificationState, SubmissionState
from tasks.writing.board import BoardItem, BoardRow, BoardView, write_board
from tasks.writing.bulletin import BulletinView, ResultView, write_bulletin, write_result
from tasks.writing.department_workbook import DepartmentWorkbookView, write_department_workbook
from tasks.writing.figures_workbook import write_figures_template
from tasks.writing.letters import RectificationFormView, RectificationLine, write_rectification_form
from tasks.writing.notice import NoticeView, OutlineView, write_notice, write_outline
from tasks.writing.results import results_workbook
from tasks.writing.review_workbook import review_view, write_review_workbook
from tasks.writing.roster_workbook import RosterDepartment, write_roster_template
from tasks.writing.rubric import rubric_rows

DAY = date(2025, 3, 5)


def notice() -> bytes:
    view = NoticeView(
        bureau=samples.BUREAU,
        document_number="青财绩〔2025〕5号",
        title="关于开展2024年度部门预算绩效评价工作的通知",
        fiscal_year=2024,
        addressees="各预算部门",
        submit_by=date(2025, 4, 30),
        mailbox="jx@qinghe.example",
        contact="绩效股",
        issued_on=DAY,
    )
    return write_notice(view)


def outline() -> bytes:
    return write_outline(OutlineView(bureau=samples.BUREAU, fiscal_year=2024, rubric=rubric_rows(samples.rules())))


def bulletin() -> bytes:
    view = BulletinView(
        results=samples.results(), bureau=samples.BUREAU, document_number="青财绩〔2025〕18号", issued_on=DAY
    )
    return write_bulletin(view)


def result() -> bytes:
    view = ResultView(
        department=samples.results().departments[0],
        fiscal_year=2024,
        bureau=samples.BUREAU,
        document_number="青财绩函〔2025〕1号",
        issued_on=DAY,
    )
    return write_result(view)


def form() -> bytes:
    items = (RectificationLine(number=1, problem="目标没有量化", due_on=DAY),)
    view = RectificationFormView(
        bureau=samples.BUREAU, fiscal_year=2024, code="101", department="青禾县水务局", items=items
    )
    return write_rectification_form(view)


def figures() -> bytes:
    return write_figures_template(2024, [("101", "青禾县水务局")], {"101": samples.figures()})


def roster() -> bytes:
    return write_roster_template((RosterDepartment(code="101", name="青禾县水务局", stratum="农林水"),))


def own_workbook() -> bytes:
    view = DepartmentWorkbookView(
        fiscal_year=2024,
        code="101",
        department="青禾县水务局",
        rubric=rubric_rows(samples.rules()),
        projects=(ApprovedProject(name="渠道维修项目"),),
    )
    return write_department_workbook(view)


def review() -> bytes:
    view = review_view(
        samples.card(),
        samples.rules(),
        department="青禾县水务局",
        indicators=(samples.indicator(),),
        findings=(samples.finding(),),
    )
    return write_review_workbook(view)


def board() -> bytes:
    rows = (BoardRow(code="101", name="青禾县水务局", state=SubmissionState.ACCEPTED, received_on=DAY),)
    items = (BoardItem(department="青禾县水务局", number=1, problem="一", due_on=DAY, state=RectificationState.OPEN),)
    return write_board(
        BoardView(bureau=samples.BUREAU, fiscal_year=2024, today=DAY, state="收件中", rows=rows, items=items)
    )


def open_data() -> bytes:
    return results_workbook(samples.results())


WRITERS = (notice, outline, bulletin, result, form, figures, roster, own_workbook, review, board, open_data)


@pytest.mark.parametrize("write", WRITERS, ids=lambda write: write.__name__)
def test_equal_input_gives_equal_bytes_without_a_moment_of_writing(write: Callable[[], bytes]) -> None:
    first = write()
    assert write() == first
    samples.assert_fixed_times(first)
