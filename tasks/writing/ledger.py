"""The ledger of remediation items as a workbook (整改台账): every item, and how old the open ones are."""

from __future__ import annotations

from tasks.writing.ageing import SHEET, ages, write_ages
from tasks.writing.board import ITEMS, LedgerView, write_items
from tasks.writing.sheets import finished_workbook, new_workbook, printable


def write_ledger(view: LedgerView) -> bytes:
    """The ledger (整改台账, .xlsx), for staff."""
    book = new_workbook(f"{view.fiscal_year}年度绩效评价整改台账", view.bureau)
    write_items(book.create_sheet(ITEMS), view)
    sheet = book.create_sheet(SHEET)
    title = f"{view.fiscal_year}年度未销号整改事项账龄（截至{view.today.isoformat()}）"
    write_ages(sheet, title, ages(view.items, view.today))
    printable(sheet, one_page=True)
    return finished_workbook(book)
