"""The report against what was approved: differences are named with both sides, doubt is asked, agreement is confirmed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from models.approved import ApprovedIndicator, ApprovedProject
from models.checks.approved import compare_approved
from models.document import FileIdentity, Source
from models.facts import Finding, IndicatorLine, Operator, ProjectFacts, ReportFacts, Severity

FILE = FileIdentity(name="某县林草局.docx", sha256="0" * 64, format="docx")
PROJECT = "山林巡护"


def plan(name: str = "巡护里程", target: str = "300", unit: str = "公里", **more: Any) -> ApprovedIndicator:
    known = {"level1": "产出指标", "level2": "数量指标", "operator": Operator.AT_LEAST, "weight": Decimal(10), "row": 4}
    return ApprovedIndicator(**{**known, "name": name, "target": target, "unit": unit, **more})


def line(name: str = "巡护里程", target: str | None = "300", unit: str | None = "公里", **more: Any) -> IndicatorLine:
    known: dict[str, Any] = {
        "source": Source(table=2, row=9, quote=name),
        "project": PROJECT,
        "level2": "数量指标",
        "operator": Operator.AT_LEAST,
        "actual": Decimal(300),
        "weight": Decimal(10),
    }
    number = Decimal(target) if target is not None else None
    return IndicatorLine(**{**known, "level3": name, "target": number, "unit": unit, **more})


def report(*lines: IndicatorLine, name: str = PROJECT, **money: Any) -> ReportFacts:
    project = ProjectFacts(name=name, source=Source(table=1, row=1, quote=name), **money)
    return ReportFacts(file=FILE, projects=(project,), indicators=lines)


def approved(*plans: ApprovedIndicator, name: str = PROJECT, **more: Any) -> tuple[ApprovedProject, ...]:
    return (ApprovedProject(name=name, indicators=plans, row=4, **more),)


def only(findings: tuple[Finding, ...]) -> Finding:
    assert len(findings) == 1, [one.message for one in findings]
    return findings[0]


def test_a_quietly_lowered_target_is_an_error_that_quotes_both_sides() -> None:
    told = only(compare_approved(report(line(target="270")), approved(plan()), version=2))
    assert (told.code, told.severity) == ("approved-target", Severity.ERROR)
    assert "批复为≥300公里、所报为≥270公里（低10.00%）" in told.message
    assert "表2第9行" in told.message and "批复表第4行" in told.message
    assert [place.source.spoken() for place in told.places] == ["表2第9行", "工作表“项目绩效目标批复表”第4行"]
    assert told.computed == {"approved": "300", "submitted": "270", "difference": "-30"}


def test_a_harder_target_is_asked_and_not_called_an_error() -> None:
    assert only(compare_approved(report(line(target="320")), approved(plan()))).severity is Severity.QUESTION


@pytest.mark.parametrize(
    ("unit", "target", "approved_unit", "approved_target"),
    [
        ("元", "3000000", "万元", "300"),
        ("公里", "300", "km", "300"),
        ("％", "95", "%", "95"),
        (None, "300", "公里", "300"),
    ],
)
def test_one_quantity_in_two_units_is_no_difference(
    unit: str | None, target: str, approved_unit: str, approved_target: str
) -> None:
    found = compare_approved(
        report(line(target=target, unit=unit)), approved(plan(target=approved_target, unit=approved_unit))
    )
    assert only(found).code == "approved-agrees"


def test_another_unit_is_asked_for_even_with_the_same_number() -> None:
    told = only(compare_approved(report(line(unit="人次")), approved(plan(unit="人"))))
    assert told.severity is Severity.QUESTION and "度量单位批复为“人”、所报为“人次”" in told.message


def test_a_turned_sign_is_an_error_a_missing_sign_is_none() -> None:
    turned = only(compare_approved(report(line(operator=Operator.AT_MOST)), approved(plan())))
    assert turned.severity is Severity.ERROR and "指标性质批复为“≥”、所报为“≤”" in turned.message
    agreed = only(compare_approved(report(line(operator=None)), approved(plan())))
    assert agreed.code == "approved-agrees" and "指标性质" not in agreed.message


def test_a_doubtful_reading_and_a_name_that_is_only_alike_are_asked() -> None:
    doubtful = compare_approved(report(line(target="270", confidence=Decimal("0.5"))), approved(plan()))
    assert only(doubtful).severity is Severity.QUESTION
    alike = only(compare_approved(report(line(name="巡护总里程", target="270")), approved(plan(name="巡护里程"))))
    assert alike.severity is Severity.QUESTION and "材料写作“巡护总里程”" in alike.message


def test_first_and_second_phase_are_two_things() -> None:
    found = compare_approved(report(line(name="二期管网改造里程")), approved(plan(name="一期管网改造里程")))
    assert only(found).code == "approved-indicator-missing"


def test_missing_indicators_are_one_finding_a_project_missing_projects_one_a_department() -> None:
    two = approved(plan(), plan(name="防火宣传场次", target="12", unit="场次", row=5), plan(name="补植株数", row=6))
    told = only(compare_approved(report(line()), two, version=3))
    assert told.code == "approved-indicator-missing" and told.computed == {"missing": "2"}
    assert "第3版批复中的2项指标" in told.message and "防火宣传场次≥12场次" in told.message
    nothing = compare_approved(ReportFacts(file=FILE), (*two, *approved(plan(), name="苗圃建设")))
    assert only(nothing).code == "approved-project-missing" and only(nothing).computed == {"missing": "2"}


def test_a_project_is_known_by_its_code_where_its_name_changed() -> None:
    found = compare_approved(report(line(), name="护林员补助", code="P1").model_copy(
        update={"indicators": (line(project="护林员补助"),)}), approved(plan(), name="林区巡查", code="P1"))  # fmt: skip
    assert only(found).code == "approved-agrees"


def test_differing_weights_are_one_question_scaled_ones_information() -> None:
    plans = approved(plan(), plan(name="防火宣传场次", row=5))
    changed = report(line(weight=Decimal(15)), line(name="防火宣传场次", weight=Decimal(5)))
    told = only(compare_approved(changed, plans))
    assert (told.code, told.severity) == ("approved-weight", Severity.QUESTION) and "批复10分、所报15分" in told.message
    scaled = report(line(weight=Decimal(9)), line(name="防火宣传场次", weight=Decimal(9)))
    assert only(compare_approved(scaled, plans)).severity is Severity.INFORMATION


@pytest.mark.parametrize(
    ("budget", "severity"),
    [("120.01", Severity.INFORMATION), ("120", Severity.CONFIRMED), ("100", Severity.QUESTION)],
)
def test_a_budget_differs_by_rounding_or_for_a_person(budget: str, severity: Severity) -> None:
    money = {"budget": Decimal(budget), "adjusted": Decimal(110)}
    told = only(compare_approved(report(line(), **money), approved(plan(), budget=Decimal("120.00"))))
    assert told.severity is severity


def test_a_budget_that_is_the_adjusted_one_is_another_way_to_count() -> None:
    money = {"budget": Decimal(100), "adjusted": Decimal(120)}
    told = only(compare_approved(report(line(), **money), approved(plan(), budget=Decimal(120))))
    assert told.severity is Severity.INFORMATION and "口径不同" in told.message


def test_who_follows_the_workbook_that_was_sent_is_not_blamed_for_a_later_approval() -> None:
    told = only(compare_approved(report(line()), approved(plan(target="330")), approved(plan()), version=2))
    assert told.severity is Severity.INFORMATION and "第2版中作了调整" in told.message


def test_targets_in_words_are_told_apart_only_where_neither_holds_the_other() -> None:
    words = plan(operator=Operator.TEXT, target="优良中低差", unit="")
    same = report(line(target=None, operator=Operator.TEXT, target_text="优良中低差"))
    assert only(compare_approved(same, approved(words))).code == "approved-agrees"
    part = report(line(target=None, operator=Operator.TEXT, target_text="优"))
    assert only(compare_approved(part, approved(words))).code == "approved-agrees"
    other = report(line(target=None, operator=Operator.TEXT, target_text="基本完成"))
    assert only(compare_approved(other, approved(words))).severity is Severity.QUESTION
    blank = report(line(target=None, operator=None))
    assert compare_approved(blank, approved(plan())) == (), "what was not compared is neither blamed nor confirmed"


def test_of_a_sentence_and_a_table_the_scored_table_counts() -> None:
    prose = line(target="200", source=Source(paragraph=3), score=None, actual=None)
    assert only(compare_approved(report(prose, line(score=Decimal(10))), approved(plan()))).code == "approved-agrees"


def test_without_an_approval_nothing_is_said() -> None:
    assert compare_approved(report(line(target="1")), ()) == ()
