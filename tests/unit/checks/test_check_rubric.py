"""The department rubric and what the report says about itself."""

from __future__ import annotations

from decimal import Decimal

RULES = ["三级指标", "指标分值", "指标解释", "计分标准", "自评得分"]
BUDGET = [
    ["年度预算数", "年初预算", "调整后预算数", "全年预算数", "执行率"],
    ["总额", "1000.00", "1050.00", "1050.00", "100.00%"],
]


def test_a_score_on_the_reserved_line_is_an_error_with_both_sums(report, rubric):
    lines = (rubric("目标制定", 10, 8), rubric("执行进度", 10, 6), rubric("自评准确", 10, 10))
    made = report("部门自评得分为24分。", rubric=lines, self_score=Decimal(24)).of("forbidden-score")
    assert [one.severity.value for one in made] == ["error"]
    assert made[0].computed == {"score": "10", "sum_without": "14", "sum_with": "24"}


def test_a_blank_reserved_line_is_right(report, rubric):
    lines = (rubric("目标制定", 10, 8), rubric("自评准确", 10))
    assert report("部门自评得分为8分。", rubric=lines, self_score=Decimal(8)).of("forbidden-score") == []


def test_a_score_above_its_maximum_is_an_error(report, rubric, line):
    assert report("概况。", rubric=(rubric("违规记录", 10, 12),)).severities("score-over-maximum") == ["error"]
    assert report("概况。", rubric=(rubric("违规记录", 10, 10),)).of("score-over-maximum") == []
    assert report("概况。", indicators=(line("甲", "≥", 1, 1, weight=5, score=6),)).severities(
        "score-over-maximum"
    ) == ["error"]


def test_the_sum_of_the_lines_is_the_stated_total(report, rubric):
    lines = tuple(rubric(name, 25, 20) for name in ("甲", "乙", "丙", "丁"))
    right = report("部门自评得分为80分。", rubric=lines, self_score=Decimal(80))
    assert right.severities("rubric-total") == ["confirmed"]
    assert right.severities("rubric-weights") == ["confirmed"]
    wrong = report("部门自评得分为90分。", rubric=lines, self_score=Decimal(90))
    assert wrong.severities("rubric-total") == ["error"]


def test_accuracy_is_recomputed_from_the_printed_formula(report, rubric):
    rule = [RULES, ["编制准确", "10", "是否准确", "得分=（1-10×全年预算调剂金额/年初部门预算数）×分值", "10"]]
    made = report("概况。", tables=[rule, BUDGET], rubric=(rubric("编制准确", 10, 10),)).of("rubric-recomputed")
    assert [(one.severity.value, one.computed["expected"]) for one in made] == [("question", "5.00")]
    fair = report("概况。", tables=[rule, BUDGET], rubric=(rubric("编制准确", 10, 5),))
    assert fair.severities("rubric-recomputed") == ["confirmed"]


def test_attainment_counts_targets_met_without_overshoot(report, rubric, line):
    lines = (
        line("甲", "≥", 10, 10),
        line("乙", "≥", 10, 9, row=2),
        line("丙", "≥", 10, 14, row=3),
        line("丁", "≥", 10, 13, row=4),
    )
    made = report("概况。", indicators=lines, rubric=(rubric("目标实现", 10, 10),)).of("rubric-recomputed")
    assert [(one.severity.value, one.computed["expected"]) for one in made] == [("question", "5.00")]


def test_a_completion_score_below_a_full_rate_is_asked(report, rubric):
    made = report("概况。", tables=[BUDGET], rubric=(rubric("预算完成", 10, 6),)).of("rubric-recomputed")
    assert [(one.severity.value, one.computed["expected"]) for one in made] == [("question", "10.00")]


def test_full_marks_beside_an_admission_are_asked(report, rubric):
    text = "存在问题：年度内预算变动较频繁，测算的准确性不够。"
    assert report(text, rubric=(rubric("编制准确", 10, 10),)).severities("full-marks-admission") == ["question"]
    assert report(text, rubric=(rubric("编制准确", 10, 7),)).of("full-marks-admission") == []
    assert report("预算执行总体平稳。", rubric=(rubric("编制准确", 10, 10),)).of("full-marks-admission") == []


def test_a_stated_score_needs_a_table(report, rubric):
    assert report("部门整体自评得分93分。", self_score=Decimal(93)).severities("score-without-table") == ["question"]
    held = report("部门整体自评得分8分。", self_score=Decimal(8), rubric=(rubric("目标制定", 10, 8),))
    assert held.of("score-without-table") == []


def test_scores_of_the_parts_are_added(report):
    text = (
        "部门整体支出绩效自评得分为98分。",
        "在投入指标方面，得分49分。",
        "产出指标方面，得分24分。",
        "效益指标方面，得分15分。",
    )
    made = report(*text, self_score=Decimal(98)).of("part-scores")
    assert [(one.severity.value, one.computed["sum"]) for one in made] == [("question", "88")]
    whole = report(*text, "满意度指标方面，得分10分。", self_score=Decimal(98))
    assert whole.severities("part-scores") == ["confirmed"]


def test_a_blank_score_and_partial_coverage_are_asked(report):
    assert report("对绩效目标自行评价得分为分。").severities("score-blank") == ["question"]
    text = "对24个项目编制了绩效目标，对其中5项开展绩效自评。全面开展绩效自评。"
    assert report(text).of("self-evaluation-coverage")[0].computed["share"] == "20.83"
    assert report("对5个项目编制了绩效目标，对5个项目开展了绩效自评。").of("self-evaluation-coverage") == []


def test_local_money_only_and_a_transfer_are_asked(report):
    text = ("所需资金全部来自县财政拨款。", "中央林业转移支付资金用于造林。")
    assert report(*text).severities("claims") == []
    assert report(*text).severities("funding-source") == ["question"]
    assert report(text[0]).of("funding-source") == []


def test_an_accurate_budget_beside_a_large_gap_is_asked(report, money):
    facts = {"money": (money("budget_initial", 100), money("expenditure_total", 140))}
    assert report("预算编制基本准确合理。", **facts).severities("accuracy-claim") == ["question"]
    near = {"money": (money("budget_initial", 100), money("expenditure_total", 110))}
    assert report("预算编制基本准确合理。", **near).of("accuracy-claim") == []


def test_points_printed_for_a_group_are_the_sum_of_its_lines(report, rubric):
    lines = tuple(rubric(name, 10, 8).model_copy(update={"level2": "预算编制（30分）"}) for name in ("甲", "乙", "丙"))
    assert report("概况。", rubric=lines).severities("rubric-group") == ["confirmed"]
    assert report("概况。", rubric=lines[:2]).severities("rubric-group") == ["question"]
