"""``jixiao read`` and ``read_report``: the same facts for flow and command line, in the documented shape."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from decimal import Decimal
from pathlib import Path

import docx
import pytest

from flows.commands import read as command
from models.document import FileIdentity, Source
from models.facts import MoneyFact, ReadError, ReportFacts, ReportKind, ReportPart
from tasks.read_report import ReadOutcome, merged, read_report, read_reports
from tasks.reading import read_file

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"
ROOT = Path(__file__).resolve().parents[2]
HERE = Source(paragraph=1)


def report(path: Path, title: str = "某某县农业农村局2023年度部门整体支出绩效自评报告", score: str = "91.5") -> Path:
    document = docx.Document()
    document.add_heading(title, 1)
    document.add_heading("一、评价结论", 2)
    document.add_paragraph(f"经自评，2023年度我局部门整体支出绩效自评得分为{score}分。")
    document.save(str(path))
    return path


def run(*arguments: object) -> tuple[int, list[dict]]:
    done = subprocess.run(
        [sys.executable, "-m", "flows.commands.read", *map(str, arguments)],
        capture_output=True,
        cwd=ROOT,
        timeout=120,
        check=False,
    )
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    return done.returncode, json.loads(done.stdout) if "--json" in arguments else []


def test_each_file_is_one_object_in_order_and_a_bad_one_does_not_stop_the_others(tmp_path: Path) -> None:
    bad = tmp_path / "坏.docx"
    bad.write_bytes(b"PK\x03\x04 nothing")
    code, objects = run(report(tmp_path / "甲.docx"), bad, report(tmp_path / "乙.docx"), tmp_path / "无.pdf", "--json")
    assert code == 2
    assert [found["file"]["name"] for found in objects] == ["甲.docx", "坏.docx", "乙.docx", "无.pdf"]
    assert [found.get("error", {}).get("code") for found in objects] == [None, "damaged", None, "missing-file"]
    assert set(objects[1]) == {"file", "error"}
    assert set(objects[1]["error"]) == {"code", "message"}


def test_all_files_read_is_exit_zero_and_numbers_are_strings(tmp_path: Path) -> None:
    code, (found,) = run(report(tmp_path / "甲.docx"), "--json")
    assert code == 0
    assert found["department"] == "某某县农业农村局"
    assert found["fiscal_year"] == "2023"
    assert found["self_score"] == "91.5"
    assert set(found) >= {
        "file", "department", "fiscal_year", "self_score", "grade", "reports", "money", "expenditure_by_function", "projects",
        "indicators", "rubric", "problems", "measures", "questions", "findings",
    }  # fmt: skip
    assert set(found["file"]) >= {"name", "sha256", "format", "pages", "ocr"}


def test_the_page_for_people_shows_department_and_errors(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = command.read([report(tmp_path / "甲.docx"), tmp_path / "无.pdf"], as_json=False, ocr=False)
    printed = capsys.readouterr().out
    assert code == 2
    assert "某某县农业农村局" in printed
    assert "91.5" in printed
    assert "找不到文件" in printed


def test_markup_in_a_document_is_shown_and_not_obeyed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = report(tmp_path / "[red]甲.docx", title="[bold]某某县统计局[/bold]2023年度部门整体支出绩效自评报告")
    assert command.read([path], as_json=False, ocr=False) == 0
    assert "[red]甲.docx" in capsys.readouterr().out


def test_reading_one_by_one_and_in_a_batch_gives_the_same(tmp_path: Path) -> None:
    paths = [report(tmp_path / f"{number}.docx", score=str(80 + number)) for number in range(5)]
    batch = [outcome.facts for outcome in read_reports(paths)]
    single = [read_report(path).facts for path in paths]
    assert batch == single
    assert [facts.self_score for facts in batch if facts] == [Decimal(80 + number) for number in range(5)]


def test_the_name_the_department_gave_is_the_label(tmp_path: Path) -> None:
    outcome = read_report(report(tmp_path / "0001.bin"), name="某某局自评报告.docx")
    assert outcome.file.name == "某某局自评报告.docx"
    assert outcome.facts is not None
    assert outcome.facts.file == outcome.file


def test_an_archive_is_one_answer_with_reports_numbered_through(tmp_path: Path) -> None:
    path = tmp_path / "包.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(
            report(tmp_path / "a.docx", title="某某县统计局2023年度统计经费项目支出绩效自评报告", score="88"),
            "项目.docx",
        )
        archive.write(
            report(tmp_path / "b.docx", title="某某县统计局2023年度部门整体支出绩效自评报告", score="93"), "整体.docx"
        )
        archive.writestr("坏.pdf", b"nothing")
    outcome = read_report(path)
    assert outcome.error is None
    assert outcome.facts is not None
    assert outcome.facts.file.format == "zip"
    ids = [part.id for part in outcome.facts.reports]
    assert ids == [f"r{number}" for number in range(1, len(ids) + 1)]
    assert outcome.facts.self_score == Decimal(93)
    assert any("坏.pdf" in warning for warning in outcome.facts.warnings)


def part(id_: str, kind: ReportKind) -> ReportPart:
    return ReportPart(source=HERE, id=id_, kind=kind, title="题")


def test_merged_rows_point_to_their_own_report() -> None:
    money = MoneyFact(source=HERE, key="revenue_total", value=Decimal(1), report="r1")
    files = [FileIdentity(name=name, sha256=name, format="docx") for name in ("a", "b", "c")]
    parts = [
        ReportFacts(
            file=files[0],
            department="甲局",
            self_score=Decimal(70),
            reports=(part("r1", ReportKind.PROJECT),),
            money=(money,),
        ),
        ReportFacts(
            file=files[1],
            department="乙局",
            self_score=Decimal(90),
            reports=(part("r1", ReportKind.DEPARTMENT),),
            money=(money,),
        ),
    ]
    whole = merged(files[2], parts)
    assert [report.id for report in whole.reports] == ["r1", "r2"]
    assert [row.report for row in whole.money] == ["r1", "r2"]
    assert (whole.department, whole.self_score) == ("乙局", Decimal(90))


def test_an_error_object_has_the_documented_shape() -> None:
    outcome = ReadOutcome(
        file=FileIdentity(name="x", sha256="", format="pdf"), error=ReadError(code="encrypted", message="有密码。")
    )
    assert command.answer(outcome) == {
        "file": {"name": "x", "sha256": "", "format": "pdf", "pages": None, "ocr": False},
        "error": {"code": "encrypted", "message": "有密码。"},
    }


def test_text_that_breaks_the_interpreter_is_an_error_of_that_file_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "site"
    broken.mkdir()
    (broken / "sitecustomize.py").write_text(
        "import tasks.read_report as r\ndef fail(document):\n    raise KeyError('x')\nr.facts_of = fail\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("PYTHONPATH", str(broken))
    from tasks.reading.sandbox import Pool

    pool = Pool(1)
    monkeypatch.setattr("tasks.reading.shared_pool", lambda: pool)
    outcome = read_report(report(tmp_path / "甲.docx"))
    pool.close()
    assert outcome.error is not None
    assert outcome.error.code == "not-understood"
    assert "KeyError" in outcome.error.message
    assert read_file(tmp_path / "甲.docx").error is None


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the shared corpus is not beside the project")
@pytest.mark.parametrize(
    ("file", "gold", "least"),
    [
        ("s000.docx", "s000", 0.98), ("s000.pdf", "s000", 0.98), ("s000.doc", "s000", 0.95),
        ("s001.docx", "s001", 0.98), ("s001.pdf", "s001", 0.98), ("s001.wps", "s001", 0.95),
        ("s004.docx", "s004", 0.98), ("s004.pdf", "s004", 0.98), ("s004.doc", "s004", 0.95),
    ],
)  # fmt: skip
def test_the_real_reports_reach_the_promised_share_of_facts(file: str, gold: str, least: float) -> None:
    printed = json.dumps([command.answer(read_report(CORPUS / "files" / file))], ensure_ascii=False)
    score = subprocess.run(
        [sys.executable, CORPUS.parent / "tools" / "score_reading.py", CORPUS / "gold" / f"{gold}.json", "--at-least", str(least)],
        input=printed.encode(), capture_output=True, check=False,
    )  # fmt: skip
    assert score.returncode == 0, score.stdout.decode()
