"""Letters laid out for printing (待送达函件打印件): a folder for each with the letter and its attachments, and a sheet to sign.

What lies in the folder is what has to be brought, no more: a letter that was brought, withdrawn or mailed after all is
taken away again. Everything comes from the database and the file store, so that the folder can always be made anew.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from sqlmodel import Session, col, select

from models.records import Cycle, Department, Letter, LetterAttachment
from models.states import LetterState
from tasks import clock, filestore, lookup, settings, store
from tasks.mail import delivery
from tasks.stages import delivered
from tasks.writing.delivery_sheet import SheetRow, delivery_sheet

LETTER, SHEET = "函件.html", "送达登记表.html"
_OURS = re.compile(r"-\d+-[^-]+$")


@dataclass(frozen=True)
class LaidOut:
    """Where the printed letters lie (打印件): the sheet to sign, and each letter's page by its number."""

    sheet: Path
    pages: dict[int, Path]


@dataclass(frozen=True)
class _Printed:
    """One letter to print (待打印函件): its folder, its page, and names and digests of its attachments."""

    folder: str
    page: str
    files: tuple[tuple[str, str], ...]
    row: SheetRow


def folder_of(fiscal_year: int) -> Path:
    """Where a year's printed letters lie (打印件目录)."""
    return settings.current().folder("documents") / f"待送达函件-{fiscal_year}"


def lay_out(fiscal_year: int) -> LaidOut | None:
    """Lay out what has to be brought (整理打印件), or None when nothing has to be. Repeatable."""
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        printed = [_printed(db, cycle, letter) for letter in delivered.to_bring(db, cycle)]
        bureau = cycle.bureau
    target = folder_of(fiscal_year)
    wanted = {one.folder for one in printed}
    if target.exists():
        for path in sorted(target.iterdir()):
            # Only folders of our own making; whatever else somebody keeps there is left alone.
            if path.is_dir() and path.name not in wanted and _OURS.search(path.name):
                shutil.rmtree(path)
    if not printed:
        (target / SHEET).unlink(missing_ok=True)
        return None
    for one in printed:
        _write(target / one.folder, one)
    page = delivery_sheet(bureau, fiscal_year, clock.today(), [one.row for one in printed])
    _replace(target / SHEET, page.encode())
    return LaidOut(target / SHEET, {one.row.number: target / one.folder / LETTER for one in printed})


def lay_out_if_opened(fiscal_year: int) -> LaidOut | None:
    """The same for a schedule (定时整理): before the year is opened there is nothing to lay out."""
    try:
        return lay_out(fiscal_year)
    except lookup.UnknownCycleError:
        return None


def _printed(db: Session, cycle: Cycle, letter: Letter) -> _Printed:
    department = db.get(Department, letter.department_id) if letter.department_id else None
    decided = delivery.in_force(db, cycle.id, letter.department_id)
    query = select(LetterAttachment).where(LetterAttachment.letter_id == letter.id)
    files = tuple((a.name, a.sha256) for a in db.exec(query.order_by(col(LetterAttachment.number))))
    where = f"{department.code}-{department.name}" if department else "其他"
    folder = _safe(f"{where}-{letter.id}-{letter.kind.label}")
    row = SheetRow(
        number=letter.id,
        department=department.name if department else "",
        letter=letter.kind.label,
        composed_on=clock.local_date(letter.composed_at),
        attachments=len(files),
        means=decided.means.label if decided else "",
        remark="原邮件被退回" if letter.state is LetterState.SENT else "",
        link=f"{folder}/{LETTER}",
    )
    return _Printed(folder, delivery.on_paper(letter.html), files, row)


def _write(folder: Path, one: _Printed) -> None:
    """One letter with its attachments, complete or not at all; what lies there already stays."""
    if (folder / LETTER).exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    for number, (name, sha256) in enumerate(one.files, 1):
        _replace(folder / _safe(f"{number:02d}-{name}"), filestore.content_of(sha256))
    # The letter last: its presence says that the folder is complete.
    _replace(folder / LETTER, one.page.encode())


def _replace(path: Path, content: bytes) -> None:
    part = path.with_name(f"{path.name}.part")
    part.write_bytes(content)
    part.replace(path)


def _safe(name: str) -> str:
    """A name that is one folder or file (文件名)."""
    return name.replace("/", "／").replace("\\", "＼").strip(". ") or "_"
