"""Every message and file that ever arrived or left can be found and opened, and harms nobody who opens it."""

from __future__ import annotations

import io
import mailbox
import re
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import unquote

import openpyxl
import pytest
from mail_kit import NOON, found_year, use_home
from sqlmodel import select

from models.records import Cycle, Department, Letter, Receipt
from models.states import LetterKind, LetterState
from tasks import clock, filestore, settings, store
from tasks.intake import collect
from tasks.mail.compose import queue
from tasks.mail.contexts import NoticeContext
from tasks.stages import correspondence, correspondence_files
from tasks.writing.correspondence import CorrespondenceView

YEAR = 2025
FORMULA = '=HYPERLINK("http://evil.example")'


@pytest.fixture
def busy(tmp_path, monkeypatch) -> Iterator[Path]:
    """A year in which 101 was written to, answered, was answered, and somebody sent a hostile mail."""
    with clock.fixed(NOON):
        use_home(monkeypatch, tmp_path)
        settings.current().mailbox_folder.parent.mkdir(parents=True)
        mailbox.Maildir(settings.current().mailbox_folder)
        cycle_id = found_year(3)
        with store.session() as db:
            cycle = db.exec(select(Cycle)).one()
            for department in db.exec(select(Department)):
                context = NoticeContext(document_number="1", deadline=NOON.date())
                files = [(f"{department.name}工作簿.xlsx", department.code.encode())]
                letter = queue(
                    db, cycle=cycle, kind=LetterKind.NOTICE, department=department, context=context, attachments=files
                )
                letter.state, letter.sent_at = LetterState.SENT, NOON
        deliver(
            "d101@qh.example",
            "【绩效2025-101】报告",
            ("自评报告.docx", b"report"),
            ("说明.html", b"<script>1</script>"),
        )
        deliver(
            "d101@qh.example",
            "【绩效2025-101】报告",
            ("自评报告.docx", b"report"),
            ("说明.html", b"<script>1</script>"),
        )
        deliver(
            "who@evil.example",
            f"{FORMULA}<script>alert(1)</script>[点此](http://evil.example)",
            ("x" * 300 + ".docx", b"?"),
        )
        deliver("d102@qh.example", "【绩效2025-102】", ("查看.exe", b"MZ"))
        collect(cycle_id)
        yield tmp_path
    settings.current.cache_clear()


def deliver(sender: str, subject: str, *files: tuple[str, bytes]) -> None:
    message = EmailMessage()
    message["From"], message["Subject"] = sender, subject
    message.set_content("见附件")
    for name, content in files:
        message.add_attachment(content, "application", "octet-stream", filename=name)
    mailbox.Maildir(settings.current().mailbox_folder).add(message.as_bytes())


def laid_out(code: str) -> tuple[CorrespondenceView, Path]:
    return correspondence_files.lay_out(correspondence.ledger(YEAR, code), code)


def test_nothing_that_came_or_went_is_missing_from_the_years_ledger(busy):
    view = correspondence.ledger(YEAR)
    with store.session() as db:
        wanted = {f"收{r.id}" for r in db.exec(select(Receipt))} | {f"发{one.id}" for one in db.exec(select(Letter))}
    assert {entry.number for entry in view.entries} == wanted
    assert len(view.entries) == len(wanted) == 4 + 3 + 2
    assert [entry.at for entry in view.entries] == sorted(entry.at for entry in view.entries)
    kinds = {(entry.kind, entry.state) for entry in view.entries if entry.inbound}
    assert kinds >= {("自评材料", "登记为第1次报送"), ("隔离待查", "待人工处理")}
    unknown = next(entry for entry in view.entries if entry.counterpart == "who@evil.example")
    assert (unknown.department, "x" * 170 in unknown.files[1].name) == ("（未识别部门）", True)


def test_a_departments_ledger_holds_its_own_and_nobody_elses(busy):
    view = correspondence.ledger(YEAR, "101")
    assert {entry.code for entry in view.entries} == {"101"}
    came = [entry.kind for entry in view.entries if entry.inbound]
    assert sorted(came) == ["自评材料", "重复报送"]
    assert sorted(entry.kind for entry in view.entries if not entry.inbound) == ["绩效评价工作通知", "重复报送说明"]
    assert not [file for entry in view.entries for file in entry.files if "第102局" in file.name]


def test_every_file_opens_with_the_bytes_that_came_or_went(busy):
    view, page = laid_out("101")
    for entry in view.entries:
        for file in entry.files:
            assert file.place is not None
            assert filestore.digest_of((page.parent / file.place).read_bytes()) == file.sha256
    text = page.read_text("utf-8")
    linked = {unquote(address) for address in re.findall(r'href="([^"]+)"', text)}
    assert linked == {path.name for path in page.parent.iterdir()} - {"index.html"}


def test_what_a_browser_would_run_is_laid_out_as_text_and_nothing_is_markup(busy):
    _, page = laid_out("101")
    names = [path.name for path in page.parent.iterdir()]
    assert any(name.endswith("说明.html.txt") for name in names)
    assert [name for name in names if name.endswith(".html") and "函件" not in name] == ["index.html"]
    _, other = laid_out("102")
    assert any(path.name.endswith(".eml.txt") for path in other.parent.iterdir())
    assert not any(path.suffix == ".exe" for path in other.parent.iterdir())


def test_laying_out_again_leaves_what_is_there_now_and_no_litter(busy):
    _, page = laid_out("101")
    (page.parent / "left over.docx").write_bytes(b"x")
    before = {path.name for path in page.parent.iterdir()} - {"left over.docx"}
    _, page = laid_out("101")
    assert {path.name for path in page.parent.iterdir()} == before
    assert [path.name for path in page.parent.parent.iterdir()] == [page.parent.name]


def test_a_lost_file_is_named_and_the_others_open(busy):
    view = correspondence.ledger(YEAR, "101")
    lost = next(file for entry in view.entries for file in entry.files if file.name == "自评报告.docx")
    found = filestore.path_of(lost.sha256)
    found.chmod(0o600)
    found.unlink()
    placed, page = laid_out("101")
    missing = {file.sha256 for entry in placed.entries for file in entry.files if file.place is None}
    assert missing == {lost.sha256}
    assert "文件库中缺少此文件" in page.read_text("utf-8")


def test_the_workbook_lists_letters_and_files_and_no_word_becomes_a_formula(busy):
    view = correspondence.ledger(YEAR)
    book = openpyxl.load_workbook(io.BytesIO(correspondence.write(view).read_bytes()))
    letters, files = book["往来函件"], book["文件"]
    assert letters.max_row == 3 + len(view.entries)
    assert files.max_row == 3 + sum(len(entry.files) for entry in view.entries)
    subjects = [letters.cell(row, 7) for row in range(4, letters.max_row + 1)]
    hostile = next(cell for cell in subjects if str(cell.value).startswith(FORMULA))
    assert (hostile.data_type, hostile.quotePrefix) == ("s", True)
    assert {files.cell(row, 7).value for row in range(4, files.max_row + 1)} == {
        file.sha256 for entry in view.entries for file in entry.files
    }


def test_a_department_the_year_does_not_have_is_said(busy):
    with pytest.raises(LookupError, match="999"):
        correspondence.ledger(YEAR, "999")


def test_a_file_from_the_drop_folder_stands_once_and_before_the_answer_to_it(busy):
    folder = settings.current().inbox_folder / "103"
    folder.mkdir(parents=True)
    with store.session() as db:
        cycle_id = db.exec(select(Cycle)).one().id
    for name in ("自评报告.docx", "再报.docx"):
        (folder / name).write_bytes(b"dropped")
        collect(cycle_id, settle_seconds=0)
    view = correspondence.ledger(YEAR, "103")
    assert [len(entry.files) for entry in view.entries if entry.inbound] == [1, 1]
    assert [entry.kind for entry in view.entries if entry.kind != "绩效评价工作通知"] == [
        "自评材料",
        "重复报送",
        "重复报送说明",
    ]
