"""The sheet that goes with letters which somebody brings (送达登记表): one line a letter, with room for a signature."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from models.document import Frozen
from tasks.writing.templates import filled


class SheetRow(Frozen):
    """One letter on the sheet (待送达函件一行). ``link`` leads from the sheet to the letter's own page."""

    number: int
    department: str
    letter: str
    composed_on: date
    attachments: int
    means: str
    remark: str = ""
    link: str


def delivery_sheet(bureau: str, fiscal_year: int, on: date, rows: Sequence[SheetRow]) -> str:
    """The sheet as a page to print (送达登记表, HTML), self-contained."""
    return filled("documents/delivery_sheet.html.j2", bureau=bureau, fiscal_year=fiscal_year, on=on, rows=list(rows))
