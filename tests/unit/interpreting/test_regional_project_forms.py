"""Project forms of many regions are read by their labels, wherever the columns stand."""

from __future__ import annotations

from decimal import Decimal

from interpreting_tables import document, table

from models.facts import IndicatorLine, Operator, ReportFacts
from tasks.interpreting import interpret


def line(facts: ReportFacts, level3: str) -> IndicatorLine:
    return next(one for one in facts.indicators if one.level3 == level3)


NATIONAL = document(
    "附件2\n项目支出绩效自评表\n（2024年度）",
    table("""
项目名称|公共图书馆免费开放|<|<|<|<|<|<
主管部门|青禾县文化和旅游局|<|<|实施单位|青禾县图书馆|<|<
项目资金\\n（万元）||年初预算数|全年预算数|全年执行数|分值|执行率|得分
^|年度资金总额|80.00|75.50|70.21|10|93.0%|9.3
^|其中：当年财政拨款|80.00|75.50|70.21|—|93.0%|—
^|上年结转资金|||0|—||—
^|其他资金||||—||—
年度总体目标|预期目标|<|<|<|实际完成情况|<|<
^|全年开放|<|<|<|已全年开放|<|<
绩效指标|一级指标|二级指标|三级指标|年度指标值|实际完成值|分值|得分|偏差原因分析及改进措施
^|产出指标（50分）|数量指标|开放天数|≥300天|312天|20|20|
^|^|^|讲座场次|≥24场|18场|10|7.5|场地维修
^|^|质量指标|设备完好率|≥95%|96.5%|10|10|
^|^|时效指标|经费拨付及时性|及时|及时|10|10|
^|效益指标|社会效益指标|到馆人次增长|≥5%|6%|30|30|
^|满意度指标|服务对象满意度指标|读者满意度|≥90%|93%|10|10|
总分|<|<|<|<|<|100|96.8|
"""),
)


def test_the_national_form_gives_the_whole_project() -> None:
    facts = interpret(NATIONAL)
    assert (facts.department, facts.fiscal_year) == ("青禾县文化和旅游局", "2024")
    (project,) = facts.projects
    assert project.name == "公共图书馆免费开放"
    assert (project.budget, project.adjusted, project.executed) == (
        Decimal("80.00"),
        Decimal("75.50"),
        Decimal("70.21"),
    )
    assert (project.execution_rate, project.execution_weight, project.execution_score) == (
        Decimal("93.0"),
        Decimal(10),
        Decimal("9.3"),
    )
    assert project.self_score == Decimal("96.8")
    assert [one.level1 for one in facts.indicators] == ["产出指标"] * 4 + ["效益指标", "满意度指标"]
    assert not facts.questions


def test_every_value_points_at_its_own_cell() -> None:
    facts = interpret(NATIONAL)
    project, lecture = facts.projects[0], line(facts, "讲座场次")
    assert (project.places["adjusted"].row, project.places["adjusted"].column) == (4, 4)
    assert (project.places["self_score"].row, project.places["self_score"].column) == (17, 8)
    assert (lecture.source.table, lecture.source.row, lecture.source.column) == (1, 12, 4)
    assert (lecture.places["score"].row, lecture.places["score"].column, lecture.places["score"].quote) == (
        12,
        8,
        "7.5",
    )
    assert lecture.reason == "场地维修"


def test_funds_by_source_are_kept_and_blank_ones_are_not_zero() -> None:
    funds = {one.key: one.value for one in interpret(NATIONAL).money}
    assert funds["fund_fiscal_annual"] == Decimal("75.50")
    assert funds["fund_carried_executed"] == Decimal(0)
    assert "fund_carried_initial" not in funds
    assert not any(key.startswith("fund_other") for key in funds)


def test_columns_in_another_order_and_a_second_table_belong_to_the_same_project() -> None:
    facts = interpret(
        document(
            "2024年度项目绩效自评表",
            table("""
项目名称|农村公路日常养护|项目编码|330000211234567
预算部门|云岭县交通运输局|实施单位|云岭县公路管理站
预算执行情况（万元）|预算数(调整后)|执行数|执行率
^|1,250.00|1,187.50|95.00%
"""),
            table(
                """
序号|一级指标|二级指标|三级指标|权重|目标值|实际值|自评得分|偏差分析
1|产出|数量|养护里程|15|不低于320公里|318公里|14.9|/
2|产出|成本|每公里成本|10|≤3.9万元/公里|3.71万元/公里|10|/
3|效益|社会效益|出行条件|20|明显改善|明显改善|18|材料不足
|自评总分|<|<|<|<|<|94.5|
""",
                number=2,
            ),
        )
    )
    (project,) = facts.projects
    assert (project.code, project.executed, project.self_score) == (
        "330000211234567",
        Decimal("1187.50"),
        Decimal("94.5"),
    )
    first = line(facts, "养护里程")
    assert (first.project, first.weight, first.score) == ("农村公路日常养护", Decimal(15), Decimal("14.9"))
    assert (first.operator, first.target, first.unit, first.actual) == (
        Operator.AT_LEAST,
        Decimal(320),
        "公里",
        Decimal(318),
    )
    words = line(facts, "出行条件")
    assert (words.operator, words.target, words.actual, words.actual_text) == (Operator.TEXT, None, None, "明显改善")


def test_a_header_over_two_rows_names_its_lower_cells() -> None:
    facts = interpret(
        document(
            "项目支出绩效自评表（2024年度）",
            table("""
项目名称|学校食堂改造|<|<|<|<|<|<
主管部门|河川区教育局|<|<|实施单位|河川区第一小学|<|<
资金使用情况|资金来源|年初预算|调整后预算|实际支出|执行率|分值|得分
^|合计|200万元|180万元|171万元|95%|10|9.5
^|财政资金|200万元|180万元|171万元|95%||
绩效指标|<|<|指标值|<|分值|得分|未完成原因
一级指标|二级指标|三级指标|年初目标值|实际完成值|^|^|^
产出指标|数量指标|改造食堂数量|=3个|3个|20|20|
^|^|新增餐位|≥600个|540个|10|9|工期延长
效益指标|社会效益指标|安全事故|0起|0起|30|30|
合计|<|<|<|<|100|98.5|
"""),
        )
    )
    seats = line(facts, "新增餐位")
    assert (seats.target, seats.actual, seats.weight, seats.score) == (
        Decimal(600),
        Decimal(540),
        Decimal(10),
        Decimal(9),
    )
    assert facts.projects[0].adjusted == Decimal(180)
    assert facts.projects[0].self_score == Decimal("98.5")
    assert line(facts, "安全事故").target == Decimal(0)


SICHUAN_SHEET = document(
    table("""
部门预算项目支出绩效自评表||||||||||
（2024年度）||||||||||
项目名称|51000022R000000123456-基层卫生人员培训|||||||||
主管部门|平泽县卫生健康局||实施单位|平泽县卫生健康局||||||
预算执行情况（10分）|年度预算数（万元）|年初预算|调整后预算数|预算执行数|预算执行率|权重|得分|原因||
|总额|50.00|50.00|48.00|96.00%|10|9.6|||
|其中：财政资金|50.00|50.00|48.00|96.00%|/|/|||
|其他资金|||||/|/|||
绩效指标（90分）|一级指标|二级指标|三级指标|指标性质|指标值|度量单位|完成值|权重|得分|未完成原因分析
|产出指标|数量指标|培训人次|≥|400|人次|412|20|20|
|||培训期数|＝|8|期|7|20|17.5|一期并入下年
||质量指标|结业率|≥|95|%||20|20|
|效益指标|社会效益指标|服务能力|定性|优良中差|其他|良|20|18|
合计||||||||100|95.1|
评价结论|培训任务基本完成。
存在问题|部分乡镇人员脱岗困难。
改进措施|暂无
""")
)


def test_a_sheet_that_leaves_merged_cells_apart_is_read_the_same() -> None:
    facts = interpret(SICHUAN_SHEET)
    (project,) = facts.projects
    assert (project.code, project.name) == ("51000022R000000123456", "基层卫生人员培训")
    assert (project.executed, project.execution_weight, project.execution_score) == (
        Decimal("48.00"),
        Decimal(10),
        Decimal("9.6"),
    )
    terms = line(facts, "培训期数")
    assert (terms.level1, terms.level2) == ("产出指标", "数量指标")
    assert (terms.operator, terms.target, terms.unit, terms.target_text) == (Operator.EQUAL, Decimal(8), "期", "8")


def test_a_blank_completion_stays_blank_and_a_scale_is_no_number() -> None:
    facts = interpret(SICHUAN_SHEET)
    rate, service = line(facts, "结业率"), line(facts, "服务能力")
    assert (rate.actual, rate.actual_text, rate.score) == (None, None, Decimal(20))
    assert (service.operator, service.target, service.target_text) == (Operator.TEXT, None, "优良中差")
    assert (service.actual, service.actual_text) == (None, "良")


def test_rows_of_words_become_passages_and_none_is_left_out() -> None:
    facts = interpret(SICHUAN_SHEET)
    assert [(one.project, one.text) for one in facts.problems] == [("基层卫生人员培训", "部分乡镇人员脱岗困难。")]
    assert facts.measures == ()


def test_a_line_for_budget_execution_among_the_indicators_belongs_to_the_project() -> None:
    facts = interpret(
        document(
            "项目支出绩效自评表（2024年度）",
            table("""
项目名称|智慧停车平台运维|<|<|<|<|<|<
评价指标|<|<|评分标准|年度目标值|全年完成值|分值（100）|得分
一级指标|二级指标|三级指标|^|^|^|^|^
预算执行率|<|<|执行率×分值|100%|88.50%|10|8.85
产出指标|数量指标|接入停车场数|每少1个扣1分|40个|41个|40|40
满意度指标|服务对象满意度|用户满意度|每低1%扣0.5分|≥92%|91%|10|9.5
总分|<|<|<|<|<|100|93.35
"""),
        )
    )
    (project,) = facts.projects
    assert (project.execution_rate, project.execution_weight, project.execution_score) == (
        Decimal("88.50"),
        Decimal(10),
        Decimal("8.85"),
    )
    assert [one.level3 for one in facts.indicators] == ["接入停车场数", "用户满意度"]
    assert project.self_score == Decimal("93.35")


def test_lines_the_template_left_blank_are_no_indicators() -> None:
    facts = interpret(
        document(
            "项目支出绩效自评表（2019年度）",
            table("""
项目名称|食堂暖通改造|<|<|<|<|<|<
主管部门|219-沙河口市教育局|<|<|<|实施单位|219001-沙河口市职业学校|<
一级指标|二级指标|三级指标|年度\\n指标值|实际\\n完成值|分值|得分|偏差原因分析及改进措施
产出指标|数量指标|指标1改造面积|1200平方米|1200平方米|10|9|尾款未付
^|^|指标2|||||
^|^|……|||||
效益指标|经济效益\\n指标||||||
满意度\\n指标|服务对象\\n满意度指标|学生满意度|≥90%|95%|10|10|
存在问题|结合自评情况，分析存在的问题及原因。（200字以内）|<|<|<|<|<|<
"""),
        )
    )
    assert [one.level3 for one in facts.indicators] == ["指标1改造面积", "学生满意度"]
    assert facts.indicators[1].level2 == "服务对象满意度指标"
    assert facts.department == "沙河口市教育局"
    assert facts.problems == ()
    assert any(one.field == "problems" and "填写说明" in one.message for one in facts.questions)


def test_several_projects_stacked_on_one_sheet_stay_apart_and_yuan_are_converted() -> None:
    facts = interpret(
        document(
            table("""
2024年度项目支出绩效自评表||||||||
项目名称|禁烧巡查|||||||
项目资金（元）||年初预算数|全年预算数|全年执行数|分值|执行率|得分|
|年度资金总额|300000|300000|285000|10|95%|9.5|
绩效指标|一级指标|二级指标|三级指标|年度指标值|实际完成值|分值|得分|偏差原因
|产出指标|数量指标|巡查次数|≥200次|230次|50|50|
总分||||||100|97.5|
项目名称|高标准农田管护|||||||
项目资金（元）||年初预算数|全年预算数|全年执行数|分值|执行率|得分|
|年度资金总额|1200000|1000000|1000000|10|100%|10|
绩效指标|一级指标|二级指标|三级指标|年度指标值|实际完成值|分值|得分|偏差原因
|产出指标|数量指标|管护面积|＝2万亩|2万亩|50|50|
总分||||||100|100|
""")
        )
    )
    assert [(one.name, one.budget, one.self_score) for one in facts.projects] == [
        ("禁烧巡查", Decimal(30), Decimal("97.5")),
        ("高标准农田管护", Decimal(120), Decimal(100)),
    ]
    assert [(one.project, one.level3) for one in facts.indicators] == [
        ("禁烧巡查", "巡查次数"),
        ("高标准农田管护", "管护面积"),
    ]


def test_a_list_of_projects_gives_one_project_a_row_and_no_total() -> None:
    facts = interpret(
        document(
            "白石县水利局2024年度部门整体支出绩效自评报告\n（二）项目支出情况\n单位：元",
            table("""
序号|项目名称|年初预算数|调整预算数|全年执行数|预算执行率|自评得分|评价等级
1|河道清淤|500000|450000|450000|100%|98|优
2|监测站点维护|120,000.00|120,000.00|96,000.00|80%|88.5|良
合计||620000|570000|546000|95.79%||
"""),
        )
    )
    assert [(one.name, one.budget, one.adjusted, one.executed, one.self_score) for one in facts.projects] == [
        ("河道清淤", Decimal(50), Decimal(45), Decimal(45), Decimal(98)),
        ("监测站点维护", Decimal(12), Decimal(12), Decimal("9.6"), Decimal("88.5")),
    ]


def test_a_project_amount_that_does_not_say_which_is_asked_not_guessed() -> None:
    facts = interpret(
        document(
            "石桥县民政局2024年度部门整体支出绩效自评报告",
            table("""
项目名称|项目内容|项目金额|执行率|自评结果
临时救助|发放救助金|18.44万元|83.05%|92分
"""),
        )
    )
    (project,) = facts.projects
    assert (project.budget, project.executed) == (None, None)
    assert (project.execution_rate, project.self_score) == (Decimal("83.05"), Decimal(92))
    assert any("项目金额" in one.message and one.source and one.source.column == 3 for one in facts.questions)


def test_an_adjusted_budget_that_holds_the_adjustment_is_read_as_such_and_asked() -> None:
    facts = interpret(
        document(
            "项目支出绩效自评表（2024年度）",
            table("""
项目名称|校舍维修|<|<|<
预算执行情况|年初预算|调整后预算数|全年预算数|执行数
总额|100|-12.5|87.5|87.5
"""),
        )
    )
    (project,) = facts.projects
    assert (project.budget, project.adjusted, project.executed) == (Decimal(100), Decimal("87.5"), Decimal("87.5"))
    assert any(one.field == "adjusted" for one in facts.questions)


def test_a_weight_merged_over_several_lines_is_asked_not_repeated() -> None:
    facts = interpret(
        document(
            "项目支出绩效自评表（2024年度）",
            table("""
项目名称|林区防火|<|<|<|<|<
一级指标|二级指标|三级指标|指标值|完成值|分值|得分
产出指标|数量指标|巡护次数|≥10次|12次|40|20
^|^|宣传次数|≥4次|4次|^|20
"""),
        )
    )
    assert [one.weight for one in facts.indicators] == [None, None]
    assert [one.score for one in facts.indicators] == [Decimal(20), Decimal(20)]
    assert any(one.field == "weight" and "合并" in one.message for one in facts.questions)


def test_labels_and_values_in_one_cell_are_read() -> None:
    facts = interpret(
        document(
            "项目支出绩效自评表\n填报单位：石桥县民政局    评价年度：2024年    单位：万元",
            table("""
项目名称：临时救助|<|实施单位：石桥县救助站|<
年初预算数：60万元|<|全年执行数：57.5万元|<
预算执行率|95.83%|自评得分：96.5分|<
"""),
        )
    )
    (project,) = facts.projects
    assert (project.name, project.budget, project.executed) == ("临时救助", Decimal(60), Decimal("57.5"))
    assert (project.execution_rate, project.self_score) == (Decimal("95.83"), Decimal("96.5"))
    assert (facts.department, facts.fiscal_year) == ("石桥县民政局", "2024")


def test_a_header_repeated_after_a_page_end_is_no_line_and_breaks_no_level() -> None:
    facts = interpret(
        document(
            "项目支出绩效自评表（2024年度）",
            table("""
项目名称|林区防火|<|<|<|<|<
一级指标|二级指标|三级指标|指标值|完成值|分值|得分
产出指标|数量指标|巡护次数|≥10次|12次|20|20
一级指标|二级指标|三级指标|指标值|完成值|分值|得分
||宣传次数|≥4次|4次|20|20
"""),
        )
    )
    assert [(one.level1, one.level2, one.level3) for one in facts.indicators] == [
        ("产出指标", "数量指标", "巡护次数"),
        ("产出指标", "数量指标", "宣传次数"),
    ]


def test_the_score_and_the_grade_of_a_closing_row_are_both_read() -> None:
    facts = interpret(
        document(
            "2024年度项目支出绩效自评表",
            table("""
项目名称|课后服务补助|<|<|<|<|<
资金情况（万元）|预算资金来源|年初预算数|全年预算数A|全年执行数B|执行率B/A|得分
^|年度资金总额|500.00|520.00|494.00|95.00%|9.50
年度绩效指标|一级指标|二级指标|三级指标|指标性质|指标值|全年实际值
^|成本指标|经济成本指标|生均标准|等于|240元/人|240元/人
^|产出指标|数量指标|受益学生|大于等于|2万人|2.1万人
自评得分|97.3|<|<|自评等级|优|<
"""),
        )
    )
    assert (facts.projects[0].self_score, facts.reports[0].grade) == (Decimal("97.3"), "优")
    assert (facts.projects[0].adjusted, facts.projects[0].execution_score) == (Decimal("520.00"), Decimal("9.50"))
    assert [one.operator for one in facts.indicators] == [Operator.EQUAL, Operator.AT_LEAST]
