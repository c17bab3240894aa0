"""The department's own tables: rubric, overall form, annual targets."""

from __future__ import annotations

from decimal import Decimal

from interpreting_tables import document, table

from models.facts import Operator, ReportKind
from tasks.interpreting import interpret

RUBRIC = table("""
绩效指标|<|<|指标分值|指标解释|计分标准|自评得分|备注
一级指标|二级指标|三级指标|^|^|^|^|^
部门预算管理（80分）|预算编制（30分）|目标制定|10|要素完整|完整得5分|10|
^|^|编制准确|10|是否准确|按公式|9.5|
^|预算执行（30分）|执行进度|10|序时进度|6、9、11月|8|
绩效结果应用（10分）|信息公开（2分)|自评公开|2|是否公开|公开得2分|2|
自评质量（10分）|自评质量（10分）|自评准确|10|准确率|部门不打分||
""")
REPORT = document(
    "星河县市场监督管理局2024年度部门整体支出绩效自评报告",
    """一、部门概况
星河县市场监督管理局属于一级预算单位，内设机构9个。
二、评价结论
经自评，我局2024年度部门整体支出绩效自评得分为90分，评价等级为优。""",
    RUBRIC,
)


def test_the_rubric_is_read_under_a_header_of_two_rows() -> None:
    facts = interpret(REPORT)
    assert [(one.level1, one.level2, one.level3, one.weight, one.score) for one in facts.rubric] == [
        ("部门预算管理", "预算编制", "目标制定", Decimal(10), Decimal(10)),
        ("部门预算管理", "预算编制", "编制准确", Decimal(10), Decimal("9.5")),
        ("部门预算管理", "预算执行", "执行进度", Decimal(10), Decimal(8)),
        ("绩效结果应用", "信息公开", "自评公开", Decimal(2), Decimal(2)),
        ("自评质量", "自评质量", "自评准确", Decimal(10), None),
    ]
    assert facts.indicators == ()
    assert not facts.questions


def test_the_line_a_department_must_leave_blank_is_blank_and_its_cell_is_named() -> None:
    last = interpret(REPORT).rubric[-1]
    assert last.score is None
    assert (last.places["score"].table, last.places["score"].row, last.places["score"].column) == (1, 7, 7)


def test_a_plain_rubric_with_subtotals_gives_lines_and_the_total_as_the_claim() -> None:
    facts = interpret(
        document(
            "2024年度部门整体支出绩效自评表",
            table("""
部门（单位）名称|金塔湾县林业和草原局|<|<|<|<|<|<
一级指标|二级指标|三级指标|指标说明|评分标准|分值|得分|扣分原因
投入管理|工作目标|目标明确性|是否细化|明确得3分|3|3|
^|预算管理|预算编制合理性|是否合理|合理得4分|4|3.5|测算偏粗
^|^|小计||||7|6.5|
满意度|服务对象|群众满意度|调查|≥90%满分|5|4.5|
合计|<|<|<|<|12|11|
"""),
        )
    )
    assert [one.level3 for one in facts.rubric] == ["目标明确性", "预算编制合理性", "群众满意度"]
    assert facts.department == "金塔湾县林业和草原局"
    assert facts.self_score == Decimal(11)


def test_a_score_in_prose_and_another_total_in_the_table_are_both_shown() -> None:
    facts = interpret(
        document(
            "星河县统计局2024年度部门整体支出绩效自评报告\n一、评价结论\n部门整体支出自评得分为90分。",
            table("""
一级指标|二级指标|三级指标|分值|计分标准|自评得分
预算编制|目标|目标制定|10|完整|10
合计|<|<|100||87.8
"""),
        )
    )
    assert facts.self_score == Decimal(90)
    assert any(one.field == "self_score" and "87.8" in one.message for one in facts.questions)


def test_the_overall_form_gives_the_money_of_the_department_and_its_indicators() -> None:
    facts = interpret(
        document(
            "部门整体支出绩效自评表\n（2024年度）",
            table("""
部门名称|临湖市住房保障中心|<|<|<|<|<
年度预算执行情况（万元）||年初预算数|全年预算数|全年执行数|分值|执行率|得分
^|年度资金总额|1500|1620|1600.5|10|98.80%|9.88
^|其中：基本支出|900|950|950||100%|
^|项目支出|600|670|650.5||97.09%|
年度总体目标|预期目标|<|<|实际完成情况|<|<
^|完成保障任务|<|<|已完成|<|<
绩效指标|一级指标|二级指标|三级指标|指标值|完成值|分值|得分
^|履职效能|重点工作|保障房分配套数|≥400套|426套|25|25
^|管理效率|预算管理|预算调整率|≤5%|8%|10|6
总分|<|<|<|<|<|100|92.5
自评结论|完成较好，评价等级为“优”。|<|<|<|<|<|<
"""),
        )
    )
    money = {one.key: one.value for one in facts.money}
    assert (money["budget_initial"], money["budget_adjusted"], money["expenditure_total"]) == (
        Decimal(1500),
        Decimal(1620),
        Decimal("1600.5"),
    )
    assert (money["budget_basic"], money["basic"], money["project"]) == (Decimal(900), Decimal(950), Decimal("650.5"))
    assert (facts.department, facts.self_score, facts.grade) == ("临湖市住房保障中心", Decimal("92.5"), "优")
    assert [one.project for one in facts.indicators] == [None, None]
    assert facts.projects == ()


def test_a_form_without_levels_and_with_adjusted_targets_is_read() -> None:
    facts = interpret(
        document(
            "2024年度部门整体绩效自评表",
            table("""
主管部门|高岩区档案馆|<|<|财政科室|行财科|<|<|自评总分（分）|97.6
部门预算执行情况（万元）|<|年初预算数|<|全年（调整）预算数|全年执行数|<|执行率（%）|执行率权重|执行率得分（分）
^|<|820.5|<|845|803.6|<|95.10|10|9.51
绩效指标|指标名称|计量单位|指标性质|年初指标值|调整指标值|全年完成值|得分系数（%）|指标权重（分）|指标得分（分）
^|数字化页数|万页|≥|50|45|47.5|100|30|30
^|公用经费控制率|%|≤|100||97|100|20|20
"""),
        )
    )
    first, second = facts.indicators
    assert (first.target, first.operator, first.unit, first.actual) == (
        Decimal(45),
        Operator.AT_LEAST,
        "万页",
        Decimal("47.5"),
    )
    assert second.target == Decimal(100)
    assert facts.self_score == Decimal("97.6")
    assert {one.key: one.value for one in facts.money}["budget_adjusted"] == Decimal(845)


def test_targets_without_completion_have_no_actual_value() -> None:
    facts = interpret(
        document(
            "东陵市残疾人联合会2025年度部门整体绩效目标表",
            table("""
部门名称|东陵市残疾人联合会|<|<|<
年度主要任务|任务名称|主要内容|<|<
^|康复服务|康复救助|<|<
年度绩效指标|一级指标|二级指标|三级指标|指标值（包含数字及文字描述）
^|产出指标|数量指标|康复救助人数|≥120人
^|^|时效指标|完成时间|2025年12月31日前
^|效益指标|社会效益指标|生活质量|80%-90%
"""),
        )
    )
    assert [(one.operator, one.target) for one in facts.indicators] == [
        (Operator.AT_LEAST, Decimal(120)),
        (Operator.TEXT, None),
        (Operator.TEXT, None),
    ]
    assert all(one.actual is None and one.actual_text is None and one.weight is None for one in facts.indicators)
    assert facts.reports[0].kind is ReportKind.DEPARTMENT
    assert not facts.questions


def test_a_table_nobody_recognises_is_listed_never_dropped() -> None:
    facts = interpret(
        document(
            "南岭县统计局部门整体支出绩效自评报告（2024年度）",
            table("科室|人数|备用金\n办公室|5|2\n综合股|6|3"),
        )
    )
    assert [one.field for one in facts.questions] == ["table"]
    assert "第1个表格未识别" in facts.questions[0].message


def test_an_unknown_column_and_an_unknown_sign_are_asked_with_their_cells() -> None:
    facts = interpret(
        document(
            "项目支出绩效自评表（2024年度）",
            table("""
项目名称|夜间照明|<|<|<|<|<|<
一级指标|二级指标|三级指标|指标性质|指标值|完成值|分值|得分|星级
产出指标|数量指标|路灯|特大|20盏|20盏|50|50|五星
"""),
        )
    )
    asked = {one.field: one.source for one in facts.questions}
    assert asked["table_header"].column == 9
    assert (asked["operator"].row, asked["operator"].column) == (3, 4)


def test_of_a_weight_behind_each_level_the_last_is_the_lines_own() -> None:
    facts = interpret(
        document(
            "临湖市林业局2024年度部门整体支出绩效自评报告",
            table("""
一级指标|分值|二级指标|分值|三级指标|分值|评价标准|自评得分
投入|20|目标设定|10|目标合理性|6|依据充分|6
^|^|^|^|指标明确性|4|清晰可衡量|3.5
^|^|预算配置|10|三公变动率|10|不高于上年|10
总分|100||||||97.5
"""),
        )
    )
    assert [(one.level1, one.level2, one.level3, one.weight, one.score) for one in facts.rubric] == [
        ("投入", "目标设定", "目标合理性", Decimal(6), Decimal(6)),
        ("投入", "目标设定", "指标明确性", Decimal(4), Decimal("3.5")),
        ("投入", "预算配置", "三公变动率", Decimal(10), Decimal(10)),
    ]
    assert facts.self_score == Decimal("97.5")


def test_sources_of_funds_side_by_side_are_read_and_a_lying_head_is_asked() -> None:
    facts = interpret(
        document(
            "部门预算支出绩效自评表\n（2024年度）",
            table("""
部门名称|临湖市林业局|<|<|<
年度部门整体支出全年预算数（万元）|资金总额|财政拨款|<|其他资金
^|152.57|150.57|<|2
预算执行情况|年度预算数（万元）|年初预算|调整后预算数|全年预算数
^|总额|89.96|62.61|152.57
"""),
        )
    )
    money = {one.key: one.value for one in facts.money}
    assert money == {
        "budget_initial": Decimal("89.96"),
        "budget_adjusted": Decimal("152.57"),
        "budget_adjustment": Decimal("62.61"),
        "fund_fiscal_annual": Decimal("150.57"),
        "fund_other_annual": Decimal(2),
    }
    assert [one.source.row for one in facts.questions if one.field == "adjusted"] == [5]
