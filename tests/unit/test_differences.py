"""The differences between two versions name every change, once, with before and after, and nothing that stayed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from models.differences import differences
from models.document import FileIdentity, Source
from models.facts import ProjectFacts, ReportFacts, RubricLine

HERE = Source(paragraph=1)
IDENTITY = FileIdentity(name="报告.docx", sha256="0" * 64, format="docx")


def project(name: str, **changes: Any) -> ProjectFacts:
    return ProjectFacts(name=name, report="r1", source=HERE, **changes)


def rubric(name: str, score: str | None) -> RubricLine:
    return RubricLine(level3=name, weight=Decimal(10), score=None if score is None else Decimal(score), source=HERE)


def facts(**changes: Any) -> ReportFacts:
    return ReportFacts(**({"file": IDENTITY, "department": "清禾县教育局", "self_score": Decimal("88.0")} | changes))


def told(old: ReportFacts, new: ReportFacts) -> list[tuple[str, str | None, str | None]]:
    return [(d.item, d.before, d.after) for d in differences(old, new)]


def test_the_same_content_has_no_differences() -> None:
    one = facts(projects=(project("道路", budget=Decimal(10)),), rubric=(rubric("目标制定", "8"),))
    assert told(one, one) == []


def test_a_number_printed_otherwise_is_the_same_number() -> None:
    assert told(facts(self_score=Decimal("88.0")), facts(self_score=Decimal("88.00"))) == []


def test_a_changed_score_shows_before_and_after() -> None:
    old, new = facts(rubric=(rubric("目标制定", "8"),)), facts(rubric=(rubric("目标制定", "7.5"),))
    assert told(old, new) == [("指标“目标制定” 自评得分", "8", "7.5")]


def test_blank_is_not_zero() -> None:
    old, new = facts(rubric=(rubric("自评准确", None),)), facts(rubric=(rubric("自评准确", "0"),))
    assert told(old, new) == [("指标“自评准确” 自评得分", None, "0")]


def test_a_project_that_came_or_went_is_named() -> None:
    old, new = facts(projects=(project("道路"),)), facts(projects=(project("桥梁"),))
    assert told(old, new) == [("项目“道路”", "有", None), ("项目“桥梁”", None, "有")]


def test_of_two_projects_with_one_name_none_hides_the_other() -> None:
    old = facts(projects=(project("道路", budget=Decimal(1)), project("道路", budget=Decimal(2))))
    new = facts(projects=(project("道路", budget=Decimal(1)), project("道路", budget=Decimal(3))))
    assert told(old, new) == [("项目“道路”（2） 年初预算数", "2", "3")]


SCORES = st.lists(st.tuples(st.sampled_from("甲乙丙丁"), st.integers(0, 10)), max_size=4, unique_by=lambda row: row[0])


@given(SCORES, SCORES)
def test_differences_are_the_same_both_ways_round(one: list[Any], two: list[Any]) -> None:
    old = facts(rubric=tuple(rubric(n, str(s)) for n, s in one))
    new = facts(rubric=tuple(rubric(n, str(s)) for n, s in two))
    forth = {(d.item, d.before, d.after) for d in differences(old, new)}
    back = {(d.item, d.after, d.before) for d in differences(new, old)}
    assert forth == back
    assert (forth == set()) == (dict(one) == dict(two))
