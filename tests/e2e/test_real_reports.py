"""The real reports submitted in a practice year: read, stored, checked, and honestly returned when the year is another."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from tests.conftest import CORPUS
from tests.e2e.conftest import SECONDS, jixiao

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.lengthy, pytest.mark.timeout(SECONDS)]


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the real reports are not on this machine")
def test_a_real_report_is_read_into_the_year(tmp_path: Path) -> None:
    material = tmp_path / "material"
    material.mkdir()
    shutil.copy(CORPUS / "files" / "s004.docx", material)
    home = tmp_path / "home"
    done = jixiao("demo", "--home", str(home), "--departments", "2", "--real", str(material))
    assert done.returncode == 0, done.stdout + done.stderr
    with sqlite3.connect(home / "jixiao.db") as connection:
        [(facts, state)] = connection.execute(
            "SELECT r.facts, s.state FROM reading r JOIN submissionversion v ON v.id = r.version_id"
            " JOIN submission s ON s.id = v.submission_id JOIN department d ON d.id = s.department_id"
            " WHERE d.stratum = '真实材料'"
        )
        findings = connection.execute("SELECT code, severity FROM findingrecord").fetchall()
    read = json.loads(facts)
    assert read["self_score"] == "90"
    assert len(read["rubric"]) == 12
    assert [code for code, severity in findings if "forbidden" in code and severity == "error"]
    # The report is of 2023, the practice year evaluates 2025: it is returned, never scored as if it were right.
    assert state == "not_submitted"
