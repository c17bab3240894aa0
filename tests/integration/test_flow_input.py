"""Bad input is refused as a whole, in one clear sentence, and nothing is half done."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from pydantic import ValidationError
from sqlalchemy import text
from year_kit import CLERK, SEED, YEAR, cycle, on, rows

from flows.forms import ImportFiguresForm, OpenYearForm
from flows.open_year import import_figures, open_year
from models.states import ContactRole
from tasks import lookup, settings, store
from tasks.practice import world
from tasks.server import free_port
from tasks.stages.figures import ImportRefusedError
from tasks.writing.roster_workbook import RosterContact, RosterDepartment, write_roster_template

PROJECT = Path(__file__).resolve().parent.parent.parent


def _roster(folder: Path, *entries: tuple[str, str, str]) -> Path:
    departments = [
        RosterDepartment(
            code=code,
            name=name,
            stratum="社会事业",
            contacts=(RosterContact(name="经办人", role=ContactRole.HANDLER, address=address),),
        )
        for code, name, address in entries
    ]
    path = folder / "名册.xlsx"
    path.write_bytes(write_roster_template(tuple(departments)))
    return path


def _form(roster: Path, **changes: Any) -> OpenYearForm:
    known: dict[str, Any] = {"fiscal_year": YEAR.fiscal_year, "county": "清禾县", "bureau": "清禾县财政局"}
    known |= {"office": "绩效评价股", "ruleset": world.RULESET, "roster": roster, "operator": CLERK}
    return OpenYearForm(**(known | changes))


def _edit(path: Path, cell: str, value: Any) -> None:
    book = load_workbook(path)
    book.worksheets[0][cell] = value
    book.save(path)


def test_a_roster_with_a_broken_address_opens_nothing(database: str, home: Path, prefect_harness: None) -> None:
    roster = _roster(home, ("101", "清禾县教育局", "jyj@qinghe.example"), ("102", "清禾县林草局", "lcj@qinghe.example"))
    sheet = load_workbook(roster).worksheets[0]
    cell = next(c.coordinate for row in sheet.iter_rows() for c in row if c.value == "lcj@qinghe.example")
    _edit(roster, cell, "lcj.qinghe.example")
    before = rows()
    with pytest.raises(ImportRefusedError) as refused:
        open_year(_form(roster))
    assert "lcj.qinghe.example" in str(refused.value)
    assert "未导入任何内容" in str(refused.value)
    assert rows() == before


def test_a_roster_with_the_same_code_twice_opens_nothing(database: str, home: Path, prefect_harness: None) -> None:
    roster = _roster(home, ("101", "清禾县教育局", "jyj@qinghe.example"), ("102", "清禾县林草局", "lcj@qinghe.example"))
    sheet = load_workbook(roster).worksheets[0]
    cell = next(c.coordinate for row in sheet.iter_rows() for c in row if str(c.value) == "102")
    _edit(roster, cell, "101")
    before = rows()
    with pytest.raises(ImportRefusedError, match="101"):
        open_year(_form(roster))
    assert rows() == before


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02", "不是名册".encode()])
def test_something_that_is_no_roster_is_refused_in_a_sentence(
    home: Path, prefect_harness: None, content: bytes
) -> None:
    roster = home / "名册.xlsx"
    roster.write_bytes(content)
    with pytest.raises(ImportRefusedError, match="名册"):
        open_year(_form(roster))


def test_a_roster_that_is_not_there_is_named(home: Path, prefect_harness: None) -> None:
    with pytest.raises(FileNotFoundError, match=r"找不到文件.*没有这个名册"):
        open_year(_form(home / "没有这个名册.xlsx"))


def test_an_unknown_rule_set_is_named_and_opens_nothing(home: Path, prefect_harness: None) -> None:
    roster = _roster(home, ("101", "清禾县教育局", "jyj@qinghe.example"))
    before = rows()
    with pytest.raises(Exception, match="no-such-rules"):
        open_year(_form(roster, ruleset="no-such-rules"))
    assert rows() == before


@pytest.mark.parametrize("value", ["约九千", "=1/0", -5])
def test_figures_with_a_broken_cell_import_nothing(either_year_at: Any, value: Any) -> None:
    year = either_year_at("opened", on(3, 7))
    path = year.home / "documents" / "财政数据（已填）.xlsx"
    book = load_workbook(path)
    sheet = book.worksheets[0]
    sheet["C6"], sheet["C5"] = value, 12345
    book.save(path)
    before = rows()
    with pytest.raises(ImportRefusedError) as refused:
        import_figures(ImportFiguresForm(fiscal_year=YEAR.fiscal_year, workbook=path, operator=CLERK))
    assert "C6" in str(refused.value) or "第6行" in str(refused.value)
    assert rows() == before, "the good cell beside it is not taken either"


def test_a_year_that_was_never_opened_is_named(year_at: Any) -> None:
    year_at("opened", on(3, 7))
    with pytest.raises(lookup.UnknownCycleError, match="2024年度"), store.session() as db:
        lookup.cycle_of(db, 2024)
    with store.session() as db:
        assert cycle(db).fiscal_year == YEAR.fiscal_year


def test_forms_refuse_what_cannot_be() -> None:
    from flows.forms import DrawForm, JudgementForm, YearForm

    with pytest.raises(ValidationError):
        YearForm(fiscal_year=1999)
    with pytest.raises(ValidationError):
        DrawForm(fiscal_year=2025, seed="  1 ", operator=CLERK)
    with pytest.raises(ValidationError):
        JudgementForm(fiscal_year=2025, department="108", rule="x", score="100.001", reason="理由。", operator=CLERK)
    with pytest.raises(ValidationError, match="Extra inputs"):
        DrawForm(fiscal_year=2025, seed=SEED, operator=CLERK, date=date(2026, 7, 1))


def _jixiao(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {n: v for n, v in os.environ.items() if not n.startswith(("JIXIAO_", "PREFECT_"))}
    return subprocess.run(
        [sys.executable, "-m", "flows.cli", *words],
        cwd=PROJECT,
        env=kept | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def _one_sentence(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode != 0
    assert "Traceback" not in done.stderr + done.stdout
    said = done.stderr.strip().splitlines()
    assert len(said) == 1, said
    return said[0]


def test_a_prefect_server_that_does_not_answer_is_one_sentence(tmp_path: Path) -> None:
    address = f"http://127.0.0.1:{free_port()}/api"
    done = _jixiao("demo", "--home", str(tmp_path / "demo"), PREFECT_API_URL=address)
    said = _one_sentence(done)
    assert address in said
    assert "does not answer" in said


def test_a_database_newer_than_the_program_is_one_sentence_and_untouched(home: Path) -> None:
    with store.session() as db:
        db.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    store.engine(settings.current().resolved_database_url).dispose()
    before = (home / "jixiao.db").read_bytes()
    said = _one_sentence(_jixiao("verify", "--home", str(home)))
    assert "9999" in said
    assert "newer" in said
    assert (home / "jixiao.db").read_bytes() == before


def test_a_database_that_cannot_be_reached_is_one_sentence(tmp_path: Path) -> None:
    address = f"postgresql://clerk:secret-word@127.0.0.1:{free_port()}/jixiao"
    said = _one_sentence(_jixiao("verify", "--home", str(tmp_path), JIXIAO_DATABASE_URL=address))
    assert "127.0.0.1" in said
    assert "secret-word" not in said


def test_a_wrong_setting_is_named(tmp_path: Path) -> None:
    said = _one_sentence(_jixiao("verify", "--home", str(tmp_path), JIXIAO_SMTP_PORT="many"))
    assert "JIXIAO_SMTP_PORT" in said
