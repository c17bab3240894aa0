"""Projects told in prose: blocks of named lines, and targets in brackets."""

from __future__ import annotations

from decimal import Decimal

from interpreting_tables import document

from models.facts import Operator
from tasks.interpreting import interpret

BLOCKS = document("""盐池湾区司法局2024年整体支出绩效自评报告
一、概况
（二）特定目标项目绩效分析。
项目1：法律援助。
绩效目标：
年初预算数：35万元
全年预算数：40万元
数量指标：办理案件≥300件；宣传活动12场次。
社会效益指标：维护合法权益；促进社会和谐。
满意度指标：受援人满意率 $\\geq 95\\%$ 。
绩效目标完成情况：
全年预算执行数：38.8万元
预算执行率：97%
数量指标完成情况：宣传活动15场次；办理案件312件。
社会效益指标完成情况：维护了合法权益；促进了社会和谐。
满意度指标完成情况：受援人满意率98%。
自评得分：99.7分。
项目2：人民调解。
全年预算数：20万元
数量指标：调解纠纷≥100起。
绩效目标完成情况：
全年预算执行数：200000元
评价得分：100分。
（三）结果应用情况。
自评结果已公开。
二、评价结论
整体支出自评得分为98分。""")


def test_a_block_gives_the_project_with_its_amounts_and_score() -> None:
    first, second = interpret(BLOCKS).projects
    assert (first.name, first.budget, first.adjusted, first.executed) == (
        "法律援助",
        Decimal(35),
        Decimal(40),
        Decimal("38.8"),
    )
    assert (first.execution_rate, first.self_score) == (Decimal(97), Decimal("99.7"))
    assert (second.budget, second.adjusted, second.executed, second.self_score) == (
        Decimal(20),
        None,
        Decimal(20),
        Decimal(100),
    )


def test_goals_and_results_are_paired_by_name_before_position() -> None:
    lines = {one.level3: one for one in interpret(BLOCKS).indicators}
    assert (lines["办理案件"].target, lines["办理案件"].actual) == (Decimal(300), Decimal(312))
    assert (lines["宣传活动"].target, lines["宣传活动"].actual, lines["宣传活动"].unit) == (
        Decimal(12),
        Decimal(15),
        "场次",
    )
    assert (lines["受援人满意率"].operator, lines["受援人满意率"].target_text) == (Operator.AT_LEAST, "≥95%")
    words = lines["促进社会和谐"]
    assert (words.operator, words.target, words.actual_text) == (Operator.TEXT, None, "促进了社会和谐")
    assert lines["调解纠纷"].actual is None


def test_a_projects_score_never_becomes_the_departments() -> None:
    assert interpret(BLOCKS).self_score == Decimal(98)


def test_targets_in_brackets_are_indicators_of_the_department() -> None:
    facts = interpret(
        document(
            "盐池湾区司法局2024年度部门整体支出绩效自评报告\n"
            "产出指标：包括办案起数（设定目标值为>=300起）、投诉起数（设定目标值为<=4起）。\n"
            "效益指标：主要设定为社会效益（设定目标值为：群众法治意识提高）。"
        )
    )
    assert [(one.project, one.level1, one.level3, one.operator, one.target) for one in facts.indicators] == [
        (None, "产出指标", "办案起数", Operator.AT_LEAST, Decimal(300)),
        (None, "产出指标", "投诉起数", Operator.AT_MOST, Decimal(4)),
        (None, "效益指标", "社会效益", Operator.TEXT, None),
    ]


def test_the_sentences_of_the_final_accounts_name_projects_too() -> None:
    facts = interpret(
        document(
            "第二部分 2024年度部门决算情况说明\n"
            "（1）“远程会见”项目绩效目标完成情况综述。项目全年预算数46万元，执行数为45.5万元，完成预算的98.91%。"
        )
    )
    (project,) = facts.projects
    assert (project.name, project.budget, project.executed, project.execution_rate) == (
        "远程会见",
        Decimal(46),
        Decimal("45.5"),
        Decimal("98.91"),
    )
