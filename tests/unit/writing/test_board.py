"""The progress board."""

from __future__ import annotations

import io
from datetime import date

from openpyxl import load_workbook

from models.states import RectificationState, SubmissionState
from tasks.writing.board import BoardItem, BoardRow, BoardView, write_board

ROWS = (
    BoardRow(
        code="101", name="=青禾县水务局", state=SubmissionState.ACCEPTED, versions=2, received_on=date(2025, 4, 2)
    ),
    BoardRow(code="102", name="青禾县教育局", state=SubmissionState.NOT_SUBMITTED, days_late=3, reminders=4),
)
ITEMS = (
    BoardItem(department="甲", number=1, problem="一", due_on=date(2025, 5, 1), state=RectificationState.OPEN),
    BoardItem(department="甲", number=2, problem="二", due_on=date(2025, 5, 1), state=RectificationState.VERIFIED),
)


def test_the_board_counts_states_and_lateness() -> None:
    view = BoardView(bureau="青禾县财政局", fiscal_year=2024, today=date(2025, 5, 6), state="收件中", rows=ROWS)
    book = load_workbook(io.BytesIO(write_board(view)))
    assert book["进度"]["A2"].value == "截至2025-05-06，收件中。共2个部门：已接收1个，未报送1个；逾期1个。"
    assert book["进度"]["B4"].data_type == "s"
    assert [book["进度"].cell(5, column).value for column in (5, 8, 10)] == ["未报送", 3, 4]
    assert book.sheetnames == ["进度"]


def test_an_open_item_past_its_date_shows_the_days_and_a_closed_one_does_not() -> None:
    view = BoardView(
        bureau="青禾县财政局", fiscal_year=2024, today=date(2025, 5, 6), state="整改中", rows=ROWS, items=ITEMS
    )
    sheet = load_workbook(io.BytesIO(write_board(view)))["整改"]
    assert [sheet.cell(row, 11).value for row in (4, 5)] == [5, None]
    assert "整改事项2项，已销号1项" in sheet["A2"].value
