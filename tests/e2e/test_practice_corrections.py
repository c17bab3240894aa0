"""What the practice year shows of doubt and mistakes: two reviewers who differ, and a figure found wrong after publication."""

from __future__ import annotations

import json
import sqlite3
from decimal import Decimal

import pytest
from docx import Document

from tasks.practice.county import load
from tests.e2e.conftest import SECONDS, Year

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(SECONDS)]

WRONG = "102"


def rows(year: Year, query: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(year.home / "jixiao.db") as connection:
        return list(connection.execute(query))


def test_a_mistake_found_after_publication_led_to_a_second_edition(year: Year) -> None:
    results, old = year.results, year.home / "site" / "editions" / "1" / "data" / "results.json"
    first = json.loads(old.read_text("utf-8"))
    assert (first["edition"], results["edition"], results["correction"]["edition"]) == ("1", "2", "1")
    assert results["published_on"] > first["published_on"]
    before = next(d for d in first["departments"] if d["code"] == WRONG)
    after = year.department(WRONG)
    assert Decimal(after["final_score"]) > Decimal(before["final_score"]) and before["grade"] != after["grade"]
    changed = [c for c in results["revisions"] if c["kind"] == "result"]
    assert {c["code"] for c in changed} == {WRONG}
    line = next(c for c in changed if c["item"] == "违规记录")
    assert (line["before"], line["after"], line["why"]) == ("5分", "9分", "财政数据更正")
    moved = [c["code"] for c in results["revisions"] if c["kind"] == "rank"]
    assert moved, "another department changed places with it"


def test_the_correction_has_its_bulletin_its_page_and_its_letters(year: Year) -> None:
    [path] = (year.home / "documents").glob("*更正通报*.docx")
    document = Document(str(path))
    words = "\n".join(paragraph.text for paragraph in document.paragraphs)
    assert "〔2026〕25号" in words and "误录为10个" in words
    assert "误录为10个" in (year.home / "site" / "changes-2.html").read_text("utf-8")
    assert len(year.to(f"{WRONG}.published")) == 2
    [_, again] = year.texts(f"{WRONG}.result")
    assert "82.56" in again and "更正" in again
    editions = rows(
        year,
        "SELECT o.number, o.edition FROM outcomerecord o JOIN submission s ON s.id = o.submission_id"
        f" JOIN department d ON d.id = s.department_id WHERE d.code = '{WRONG}' ORDER BY o.number",
    )
    assert editions == [(1, 1), (2, 2)]


def test_two_reviewers_differed_and_a_third_decided(year: Year) -> None:
    seats = rows(
        year,
        "SELECT d.code, r.seat, r.reviewer FROM review r JOIN submission s ON s.id = r.submission_id"
        " JOIN department d ON d.id = s.department_id WHERE d.code = '101' ORDER BY r.id",
    )
    assert [seat for _, seat, _ in seats] == ["first", "second", "settling"]
    assert len({who for _, _, who in seats}) == 3, "nobody reviews with himself"
    story = load(12, 2025).department("101").story.second_review
    assert story is not None
    lines = {line["label"]: line for line in year.department("101")["lines"]}
    for decided in story.settled:
        assert Decimal(lines[decided.line]["reviewed"]) == decided.score
        assert "经定案核定为" in lines[decided.line]["explanation"]
    assert "9项评分相同，2项由定案人核定" in year.department("101")["total_explanation"]
