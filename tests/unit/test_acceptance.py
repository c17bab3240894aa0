"""Material is returned for what the department must put right, and accepted with remarks for what it need not."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.acceptance import AcceptancePolicy, ReturnReason, decide, same_name
from models.document import FileIdentity, Source
from models.facts import ReadError, ReportFacts, ReportKind, ReportPart

NAMES = ("清禾县教育局", "县教育局")
IDENTITY = FileIdentity(name="报告.docx", sha256="0" * 64, format="docx")


def facts(**changes: Any) -> ReportFacts:
    report = ReportPart(
        id="r1",
        kind=ReportKind.DEPARTMENT,
        title="部门整体支出绩效自评报告",
        fiscal_year="2025",
        self_score=Decimal(88),
        score_blank=changes.pop("blank", False),
        source=Source(paragraph=1),
    )
    known = {"file": IDENTITY, "department": "清禾县教育局", "fiscal_year": "2025", "self_score": Decimal(88)}
    return ReportFacts(**(known | {"reports": (report,)} | changes))


def codes(found: ReportFacts | None, errors: list[tuple[str, ReadError]] | None = None) -> set[ReturnReason]:
    made = decide(found, errors or [], names=NAMES, fiscal_year=2025, policy=AcceptancePolicy())
    return {o.code for o in made.returned}


def test_a_sound_report_is_accepted_and_a_missing_rubric_only_remarked() -> None:
    made = decide(facts(), [], names=NAMES, fiscal_year=2025, policy=AcceptancePolicy())
    assert made.accepted
    assert [o.code for o in made.remarks] == [ReturnReason.NO_RUBRIC]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"fiscal_year": "2024"}, ReturnReason.WRONG_YEAR),
        ({"department": "清禾县水务局"}, ReturnReason.WRONG_DEPARTMENT),
        ({"reports": ()}, ReturnReason.NO_DEPARTMENT_REPORT),
        ({"self_score": None}, ReturnReason.NO_SELF_SCORE),
    ],
)
def test_what_must_be_put_right_returns_the_material(changes: dict[str, Any], code: ReturnReason) -> None:
    assert codes(facts(**changes)) == {code}


def test_both_years_stand_in_the_sentence() -> None:
    made = decide(facts(fiscal_year="2024"), [], names=NAMES, fiscal_year=2025, policy=AcceptancePolicy())
    assert "2024年度" in made.returned[0].text
    assert "2025年度" in made.returned[0].text


def test_what_is_not_stated_is_not_held_against_the_department() -> None:
    assert codes(facts(fiscal_year=None, department=None)) == set()


def test_an_empty_score_field_and_a_missing_one_are_told_apart() -> None:
    policy = AcceptancePolicy()
    blank = decide(facts(self_score=None, blank=True), [], names=NAMES, fiscal_year=2025, policy=policy)
    missing = decide(facts(self_score=None), [], names=NAMES, fiscal_year=2025, policy=policy)
    assert "空白" in blank.returned[0].text
    assert "未写明" in missing.returned[0].text


def test_one_unreadable_file_returns_the_whole_delivery_by_name() -> None:
    error = ReadError(code="damaged", message="文件损坏。")
    made = decide(facts(), [("附件2.docx", error)], names=NAMES, fiscal_year=2025, policy=AcceptancePolicy())
    assert [o.code for o in made.returned] == [ReturnReason.UNREADABLE]
    assert "附件2.docx" in made.returned[0].text


@given(st.sets(st.sampled_from(ReturnReason)))
def test_which_reasons_return_material_is_the_policys_choice(chosen: set[ReturnReason]) -> None:
    policy = AcceptancePolicy(returned_for=tuple(chosen))
    made = decide(facts(fiscal_year="2024", self_score=None), [], names=NAMES, fiscal_year=2025, policy=policy)
    assert {o.code for o in made.returned} <= chosen
    assert not {o.code for o in made.remarks} & chosen


@pytest.mark.parametrize(
    ("printed", "same"),
    [("清禾县教育局", True), ("教 育 局", True), ("清禾县教育局（部门）", True), ("水务局", False), ("", False)],
)
def test_blanks_and_the_county_do_not_change_a_name(printed: str, same: bool) -> None:
    assert same_name(printed, "清禾县教育局") is same
