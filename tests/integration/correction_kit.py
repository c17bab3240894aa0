"""A department's small report in its versions, and files that cannot be read, entered as if they had arrived."""

from __future__ import annotations

import io
import struct
from collections.abc import Mapping
from datetime import date

import docx
from openpyxl import load_workbook

from models.records import Receipt, ReceivedFile, Submission, SubmissionVersion
from models.states import Channel, ReceiptOutcome, SubmissionState
from tasks import clock, filestore, lookup, store
from tasks.stages.moves import move_submission
from tasks.writing.reading_sheet import FIRST_ROW, SHEET, Columns

HEADS = ("一级指标", "二级指标", "三级指标", "分值", "计分标准", "自评得分")
LINES = (("目标制定", "10", "8"), ("目标实现", "10", "9"), ("支出控制", "10", "7"))


def report(code: str = "101", *, total: str = "24", year: int = 2025, scores: Mapping[str, str] | None = None) -> bytes:
    """A report with a total and three rubric lines."""
    document = docx.Document()
    document.add_heading(f"青禾县第{code}局{year}年度部门整体支出绩效自评报告", 1)
    document.add_paragraph(f"{year}年度，我单位部门整体支出绩效自评得分为{total}分。")
    table = document.add_table(rows=1, cols=len(HEADS), style="Table Grid")
    for cell, head in zip(table.rows[0].cells, HEADS, strict=True):
        cell.text = head
    for name, weight, score in LINES:
        values = ("部门预算管理", "预算编制", name, weight, "按标准计分", (scores or {}).get(name, score))
        for cell, value in zip(table.add_row().cells, values, strict=True):
            cell.text = value
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def arrive(code: str, *files: tuple[str, bytes]) -> int:
    """Enter a version of a department's material; returns its id."""
    with store.session() as db:
        cycle = lookup.cycle_of(db, 2025)
        submission, department = lookup.submission_of(db, cycle, code)
        number = len(lookup.versions(db, submission)) + 1
        digest = filestore.digest_of(b"".join(content for _, content in files))
        receipt = Receipt(
            cycle_id=cycle.id, channel=Channel.MAILBOX, origin=f"{code}/{number}", sha256=digest, size=1,
            received_at=clock.now(), department_id=department.id, outcome=ReceiptOutcome.SUBMISSION,
        )  # fmt: skip
        db.add(receipt)
        db.flush()
        ids = []
        for position, (name, content) in enumerate(files, 1):
            kept = ReceivedFile(
                receipt_id=receipt.id, number=position, name=name, sha256=filestore.keep(content), size=len(content)
            )
            db.add(kept)
            db.flush()
            ids.append(kept.id)
        version = SubmissionVersion(
            submission_id=submission.id, receipt_id=receipt.id, number=number, digest=digest,
            received_on=date(2026, 4, 8), files=ids,
        )  # fmt: skip
        db.add(version)
        db.flush()
        state = SubmissionState.RECEIVED if number == 1 else SubmissionState.RESUBMITTED
        move_submission(db, submission, code, state, "系统")
        return version.id


def submission(db: store.Session, code: str = "101") -> Submission:
    """A department's duty."""
    return lookup.submission_of(db, lookup.cycle_of(db, 2025), code)[0]


def filled(content: bytes, cells: Mapping[str, tuple[object, str, str]]) -> bytes:
    """A review sheet as a clerk hands it back: path -> (corrected value, reason, name)."""
    book = load_workbook(io.BytesIO(content))
    sheet = book[SHEET]
    rows = {sheet.cell(row, Columns.PATH).value: row for row in range(FIRST_ROW, sheet.max_row + 1)}
    for path, values in cells.items():
        for column, value in zip((Columns.CORRECTED, Columns.REASON, Columns.WHO), values, strict=True):
            sheet.cell(rows[path], column).value = value
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def compound(streams: Mapping[str, bytes]) -> bytes:
    """An OLE compound file with these streams, as old Word files and encrypted packages are."""
    blocks = {name: content.ljust(4096, b"\0") for name, content in streams.items()}
    fat, data = [-3, -2], b""  # sector 0 is the table itself, sector 1 the directory
    entries = [_entry("Root Entry", 5, child=1, start=-2, size=0)]
    for number, (name, content) in enumerate(blocks.items(), 1):
        content = content.ljust(-(-len(content) // 512) * 512, b"\0")
        start, sectors = len(fat), len(content) // 512
        fat += [*range(start + 1, start + sectors), -2]
        right = number + 1 if number < len(blocks) else -1
        entries.append(_entry(name, 2, right=right, start=start, size=len(content)))
        data += content
    assert len(fat) <= 128 and len(entries) <= 4
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    head += struct.pack("<IIiIIiIiI", 0, 1, 1, 0, 4096, -2, 0, -2, 0) + struct.pack("<109i", 0, *[-1] * 108)
    table = struct.pack("<128i", *fat, *[-1] * (128 - len(fat)))
    return head + table + b"".join(entries).ljust(512, b"\0") + data


def _entry(name: str, kind: int, *, child: int = -1, right: int = -1, start: int, size: int) -> bytes:
    text = f"{name}\0".encode("utf-16-le")
    front = text.ljust(64, b"\0") + struct.pack("<HBBiii", len(text), kind, 1, -1, right, child)
    return front + bytes(36) + struct.pack("<iQ", start, size)


def encrypted_docx() -> bytes:
    """A Word file with an opening password."""
    return compound({"EncryptionInfo": b"\4\0\4\0" + b"\1" * 60, "EncryptedPackage": b"\7" * 5000})


def word_6_file() -> bytes:
    """A file of Word 6: its stream begins with 0xA5DC and version 101."""
    return compound({"WordDocument": struct.pack("<HH", 0xA5DC, 101) + b"\0abc" * 1200})


def scanned_pdf() -> bytes:
    """A PDF whose only page is a picture."""
    from PIL import Image
    from reportlab.lib.utils import ImageReader
    from reportlab.pdfgen import canvas

    target = io.BytesIO()
    page = canvas.Canvas(target)
    page.drawImage(ImageReader(Image.new("L", (800, 1100), 200)), 0, 0, 595, 842)
    page.save()
    return target.getvalue()
