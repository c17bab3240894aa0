"""The letters and files of one department laid out to be opened (调阅往来函件): copies, and a page that leads to each."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from sqlmodel import col, select

from models.records import Letter
from tasks import filestore, settings, store
from tasks.mail.cleaning import file_label
from tasks.writing.correspondence import CorrespondenceView, LedgerEntry, LedgerFile
from tasks.writing.templates import filled

# What the usual programs open without running anything. A browser would run what a page or picture of lines brings, so
# everything else is laid out as text.
# fmt: off
_OPENED = frozenset({
    ".docx", ".doc", ".wps", ".xlsx", ".xls", ".et", ".pdf", ".ofd", ".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp",
    ".zip", ".rar", ".7z", ".txt", ".csv", ".eml",
})
# fmt: on
_LONGEST_NAME = 60
_PAGE = "index.html"
_SET_ASIDE = ("隔离待查", "退信")


def lay_out(view: CorrespondenceView, code: str) -> tuple[CorrespondenceView, Path]:
    """Copy every file of a department's ledger into a folder below documents/ (调阅往来函件); the view with their places, and
    the page. The folder is made anew each time; the originals stay where they are."""
    documents = settings.current().folder("documents")
    target = documents / f"往来函件-{view.fiscal_year}-{file_label(code)}"
    part = documents / f".{target.name}.{os.getpid()}"
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    pages = _pages(view)
    entries = tuple(_entry(entry, part, pages) for entry in view.entries)
    placed = view.model_copy(update={"entries": entries})
    (part / _PAGE).write_text(
        filled("documents/correspondence.html.j2", settings.current().templates, view=placed), "utf-8"
    )
    shutil.rmtree(target, ignore_errors=True)
    part.rename(target)
    return placed, target / _PAGE


def _pages(view: CorrespondenceView) -> dict[str, bytes]:
    """The letters as they were written (函件正文), by number in the ledger."""
    ids = [int(entry.number[1:]) for entry in view.entries if not entry.inbound]
    with store.session() as db:
        return {f"发{one.id}": one.html.encode() for one in db.exec(select(Letter).where(col(Letter.id).in_(ids)))}


def _entry(entry: LedgerEntry, folder: Path, pages: dict[str, bytes]) -> LedgerEntry:
    files = []
    for position, file in enumerate(entry.files):
        ours = not entry.inbound and position == 0
        content = pages.get(entry.number) if ours else _content(file)
        name = f"{entry.number}-{position} {_safe(file.name, ours=ours, held=entry.kind in _SET_ASIDE)}"
        if content is None:
            files.append(file)
            continue
        (folder / name).write_bytes(content)
        files.append(file.model_copy(update={"place": name, "size": len(content)}))
    return entry.model_copy(update={"files": tuple(files)})


def _content(file: LedgerFile) -> bytes | None:
    try:
        return filestore.content_of(file.sha256)
    except filestore.LostError:
        # Shown as missing on the page; ``jixiao verify`` names it as well.
        return None


def _safe(name: str, *, ours: bool, held: bool) -> str:
    """The name of a copy (调阅文件名): short enough for every system, and of a kind that runs nothing when opened."""
    label = file_label(name, _LONGEST_NAME)
    suffix = Path(label).suffix.lower()
    if ours or (suffix in _OPENED and not (held and suffix == ".eml")):
        return label
    return f"{label}.txt"
