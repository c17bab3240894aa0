"""Department, fiscal year, claimed score and grade: from candidates, scoped by what a sentence is about."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from interpreting_tables import document, table

from tasks.interpreting import interpret
from tasks.interpreting.names import department_name


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("青禾县民政局2024年度部门整体支出绩效自评报告", "青禾县民政局"),
        ("2024年度青禾县民政局部门整体支出绩效自评报告", "青禾县民政局"),
        ("青禾县民政局部门整体支出绩效自评报告（2024年度）", "青禾县民政局"),
        ("青禾县民政局关于“临时救助”项目支出绩效自评报告", "青禾县民政局"),
        ("青禾县大河镇人民政府整体支出绩效评价报告", "青禾县大河镇人民政府"),
        ("219001-青禾县民政局", "青禾县民政局"),
        ("青禾县民政局部门", "青禾县民政局"),
        ("2024年度部门整体支出绩效自评报告", None),
        ("2024年度青禾县项目支出绩效自评报告", None),
    ],
)
def test_the_department_is_cut_out_of_a_title_or_a_cell(title: str, name: str | None) -> None:
    assert department_name(title) == name


def test_a_name_above_the_title_counts_and_a_title_broken_over_lines_is_joined() -> None:
    above = interpret(document("青禾县民政局\n整体支出绩效自评报告\n一、概况\n2024年末在职45人。"))
    broken = interpret(document("附件2\n青禾县民政局2024年部门\n整体绩效自评报告\n一、概况"))
    assert above.department == broken.department == "青禾县民政局"
    assert broken.reports[0].title == "青禾县民政局2024年部门整体绩效自评报告"
    assert broken.fiscal_year == "2024"


def test_the_addressee_of_a_report_is_not_its_department() -> None:
    facts = interpret(
        document(
            "2024年度部门整体支出绩效自评报告\n青禾县财政局：\n现将自评情况报告如下：\n"
            "一、概况\n青禾县民政局属于一级预算单位。\n青禾县民政局\n2025年3月12日"
        )
    )
    assert facts.department == "青禾县民政局"


def test_the_year_is_never_simply_the_largest() -> None:
    facts = interpret(
        document(
            "青禾县民政局整体支出绩效自评报告\n"
            "根据《关于开展绩效评价工作的通知》（青财绩〔2025〕5号）要求，现将2023年度部门整体自评情况报告如下。\n"
            "一、收支情况\n2023年度本年收入合计100万元，与2022年度相比增加5万元。\n"
            "青禾县民政局\n2025年4月2日"
        )
    )
    assert facts.fiscal_year == "2023"


def test_a_year_in_chinese_digits_is_a_year() -> None:
    assert interpret(document("青禾县民政局二〇二四年度部门整体支出绩效自评报告\n一、概况")).fiscal_year == "2024"


def test_what_is_not_found_is_asked() -> None:
    facts = interpret(document("部门整体支出绩效自评报告\n一、概况\n情况良好。"))
    assert (facts.department, facts.fiscal_year) == (None, None)
    assert {one.field for one in facts.questions} == {"department", "fiscal_year"}


def scored(sentence: str, title: str = "青禾县民政局2024年度部门整体支出绩效自评报告"):
    return interpret(document(f"{title}\n一、评价结论\n{sentence}"))


@pytest.mark.parametrize(
    ("sentence", "score"),
    [
        ("部门整体支出绩效自评得分为90分。", "90"),
        ("经自评，整体支出自评得 92.5 分。", "92.5"),
        ("评价得分：93分", "93"),
        ("根据指标体系综合评分为97分。", "97"),
        ("自评得分：95.5", "95.5"),
        ("绩效自评分数为93分。", "93"),
        ("评价得分 97.45 分（详见附表）。", "97.45"),
    ],
)
def test_a_claimed_score_is_read(sentence: str, score: str) -> None:
    facts = scored(sentence)
    assert facts.self_score == Decimal(score)
    assert facts.reports[0].places["self_score"].paragraph == 3


def test_a_blank_score_is_never_zero() -> None:
    facts = scored("对绩效目标完成情况自行评价得分为分。")
    assert facts.self_score is None
    assert facts.reports[0].score_blank is True


def test_an_absent_score_is_not_a_blank_one() -> None:
    facts = scored("目标完成情况良好。")
    assert facts.self_score is None
    assert facts.reports[0].score_blank is False


@pytest.mark.parametrize(
    "sentence",
    [
        "在投入管理指标方面，得分49分。",
        "产出类指标得分24分。",
        "部门自评满分为90分。",
        "偏差度超过20%的，扣10分，不得分。",
        "上年度得分95分。",
        "“临时救助”项目绩效自评得分为85分。",
        "每个问题扣0.5分，目标细化的得5分。",
    ],
)
def test_the_score_of_a_part_of_a_rule_or_of_a_project_is_not_the_departments(sentence: str) -> None:
    assert scored(sentence).self_score is None


def test_a_project_named_in_prose_keeps_its_own_score() -> None:
    facts = scored("“临时救助”专项预算项目绩效自评得分为85分。部门整体支出自评得分90分。")
    assert facts.self_score == Decimal(90)
    assert [(one.name, one.self_score) for one in facts.projects] == [("临时救助", Decimal(85))]


@pytest.mark.parametrize(
    ("sentence", "grade"),
    [
        ("自评得分95分，评价等级为“优”。", "优"),
        ("项目自评得97分，自评优秀等级。", "优秀"),
        ("自评得分95分。", None),
        ("该指标为定性指标，评价标准为优良中差。", None),
    ],
)
def test_a_grade_is_taken_only_where_it_is_stated(sentence: str, grade: str | None) -> None:
    assert scored(sentence).grade == grade


def test_a_project_file_has_no_score_of_the_department() -> None:
    facts = interpret(
        document(
            "项目支出绩效自评表（2024年度）",
            table("项目名称|临时救助\n主管部门|青禾县民政局\n自评得分|96.5"),
        )
    )
    assert facts.self_score is None
    assert (facts.projects[0].self_score, facts.reports[0].self_score) == (Decimal("96.5"), Decimal("96.5"))


@given(st.decimals(min_value=0, max_value=100, places=2))
def test_any_score_comes_back_exactly(score: Decimal) -> None:
    assert scored(f"部门整体支出绩效自评得分为{score}分。").self_score == score
