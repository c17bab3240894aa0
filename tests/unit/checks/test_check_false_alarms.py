"""A correct report in the wording of other provinces raises nothing but the questions a person would ask."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

CLEAN = (
    "2024年度收、支总计均为12,345.67万元。与上年相比，收、支总计各增加1,234.56万元，增长11.11%，"
    "主要是因为新增造林任务。",
    "2024年度本年收入合计12,000.00万元，其中：财政拨款收入11,500.00万元（其中："
    "一般公共预算财政拨款11,000.00万元，政府性基金预算财政拨款500.00万元），占95.83%；上级补助收入0万元，"
    "占0%；其他收入500.00万元，占4.17%。",
    "2024年度本年支出合计11,900.00万元，其中：基本支出7,900.00万元，占66.39%；项目支出4,000.00万元，"
    "占33.61%。年末结转和结余445.67万元。",
    "财政拨款收入总计11,845.67万元，支出总计11,845.67万元。",
    "一般公共预算财政拨款支出年初预算数为10,500.00万元，支出决算数为11,000.00万元，完成年初预算的104.76%，"
    "其中：1.农林水支出（类）林业和草原（款）行政运行（项）年初预算为5,000.00万元，支出决算为5,300.00万元，"
    "完成年初预算的106.00%，决算数大于年初预算数的主要原因是：人员增资。",
    "2.农林水支出（类）林业和草原（款）森林资源管理（项）。年初预算为2,000.00万元，支出决算为1,700.00万元，"
    "完成年初预算的85.00%。",
    "“三公”经费财政拨款支出预算为30.00万元，支出决算为25.50万元，完成预算的85.00%，其中："
    "因公出国（境）费支出预算为0万元，支出决算为0万元；公务接待费支出预算为10.00万元，支出决算为5.50万元，"
    "完成预算的55.00%，与上年相比减少1.50万元，减少21.43%；公务用车购置及运行维护费支出预算为20.00万元，"
    "支出决算为20.00万元，完成预算的100.00%，与上年相比增加2.00万元，增长11.11%。",
    "其中：公务用车购置费0万元，公务用车运行维护费20.00万元。国内公务接待费5.20万元，外事接待费0.30万元。",
    "机关运行经费支出600.00万元，比年初预算数增加50.00万元，增长9.09%。比2023年度减少20.00万元，下降3.23%。",
    "政府采购支出总额900.00万元，其中：政府采购货物支出300.00万元、政府采购工程支出400.00万元、"
    "政府采购服务支出200.00万元。授予中小企业合同金额810.00万元，占政府采购支出总额的90.00%，其中："
    "授予小微企业合同金额500.00万元，占授予中小企业合同金额的61.73%；"
    "货物采购授予中小企业合同金额占货物支出金额的95.00%。",
    "截至2024年12月31日，共有车辆12辆，其中：主要负责人用车1辆、机要通信用车2辆、应急保障用车3辆、"
    "执法执勤用车6辆；单价100万元以上设备（不含车辆）0台（套）。",
    "全年安排专项资金1,000.00万元，其中：中央资金300.00万元，省级资金400.00万元，县级资金300.00万元；"
    "按用途分：造林600.00万元，抚育400.00万元。",
    "每名护林员每年补助10000元，聘用护林员120名，共计120万元。成人救生服每套300元，20套；儿童每套200元，"
    "10套，共计8000元。",
    "局机关现有在职人员80人，其中行政50人，事业30人，退休人员45人。",
    "我局设3个内设股室，分别为办公室、资源股、造林股；下设2个林场。",
    "本级收入8,000.00万元，下属林场收入4,000.00万元。下属林场政府采购货物支出20.00万元。",
    "部门整体支出绩效自评得分为92.5分，等级为优。",
    "群众满意度达到96%，较上年提高2个百分点；森林覆盖率达65.3%，比目标高0.3个百分点。",
    "全年投入1.2亿元，完成营造林5.6万亩，其中人工造林2.1万亩、封山育林3.5万亩。",
    "2024年项目支出4,000.00万元，较2023年3,500.00万元增加500.00万元，增长14.29%，其中上级专项增加400.00万元，"
    "本级增加100.00万元。",
)


def test_a_correct_report_of_another_province_raises_no_error(report):
    found = report(*CLEAN, self_score=Decimal("92.5")).examine()
    loud = [(one.code, one.message) for one in found if one.severity.value in ("error", "question")]
    assert [code for code, _ in loud] == ["score-without-table"], loud
    assert len(found) - len(loud) > 20


def test_one_wrong_figure_in_it_is_found(report):
    wrong = [text.replace("基本支出7,900.00万元", "基本支出7,990.00万元") for text in CLEAN]
    found = report(*wrong, self_score=Decimal("92.5")).examine()
    assert "sum-of-parts" in {one.code for one in found if one.severity.value == "error"}


def test_a_budget_completion_in_a_sentence_is_recomputed(report):
    assert report("年初预算为200万元，支出决算为170万元，完成年初预算的85%。").severities("budget-completion") == [
        "confirmed"
    ]
    assert report("年初预算为200万元，支出决算为170万元，完成年初预算的95%。").severities("budget-completion") == [
        "error"
    ]
    assert report("支出决算为170万元，完成预算100%。").of("budget-completion") == []


def test_a_part_of_an_account_is_not_the_account(report):
    assert report("公务接待费支出5.50万元。", "国内公务接待费支出5.20万元。").of("amount-stated-twice") == []
    assert report("收入总计100万元。", "财政拨款收入总计90万元。").of("amount-stated-twice") == []


def test_a_cost_below_an_unsigned_target_is_never_accused(report, line):
    cost = line("培训成本", None, 100, 95, unit="万元", level2="成本指标", weight=10, score=10)
    assert report("概况。", indicators=(cost,)).severities("target-missed") == ["question"]


def test_a_rate_written_as_a_fraction_and_two_units_are_only_asked(report, line):
    fraction = line("合格率", "≥", 95, "0.97", unit="%", weight=10, score=10)
    assert report("概况。", indicators=(fraction,)).severities("target-missed") == ["question"]
    units = line("补助资金", "≥", 5000, "0.5", unit="元", actual_text="0.5万元", weight=10, score=10)
    assert report("概况。", indicators=(units,)).severities("target-missed") == ["question"]


def test_a_rate_on_the_initial_budget_or_as_a_fraction_is_no_error(report, project):
    initial = project(budget=100, adjusted=120, executed=110, execution_rate=110)
    assert report("概况。", projects=(initial,)).severities("execution-rate") == ["information"]
    fraction = project(budget=100, executed=98, execution_rate="0.98")
    assert report("概况。", projects=(fraction,)).severities("execution-rate") == ["confirmed"]


def test_days_or_several_prices_explain_a_total(report):
    assert report("每人每月300元，补助6个月，10人，共计18000元。").severities("unit-price") == ["confirmed"]
    assert report("每人100元，5人，10天，共计5000元。").severities("unit-price") == ["question"]
    assert report("成人每套300元，20套；儿童每套200元，10套，共计8000元。").of("unit-price") == []


def test_scores_of_a_table_read_in_part_are_only_asked(report, rubric):
    lines = tuple(rubric(name, 20, 15) for name in ("甲", "乙", "丙"))
    made = report("部门自评得分为90分。", rubric=lines, self_score=Decimal(90))
    assert made.severities("rubric-total") == ["question"]


def test_terms_doubled_words_and_large_changes_are_asked(report, line):
    term = report("概况。", indicators=(line("运行维护", None, 6, 6, unit="年"),))
    assert term.severities("term-completed") == ["question"]
    assert report("概况。", indicators=(line("服务期", "=", 1, 1, unit="年"),)).of("term-completed") == []
    assert report("购置台式台式电脑。").severities("word-twice") == ["question"]
    assert report("对每户逐户逐户核查，一步一步推进。").of("word-twice") == []
    grown = "2024年农林水支出733万元，与2023年10万元相比增加723万元。"
    assert report(grown).severities("large-change") == ["question"]
    assert report(grown + "主要原因是上级追加造林任务。").of("large-change") == []


def test_rules_called_complete_and_missing_are_asked(report):
    assert report("财务制度健全。", "目前尚未制定专项资金管理办法。").severities("systems-claim") == ["question"]
    assert report("财务制度健全。").of("systems-claim") == []


FRAGMENTS = st.sampled_from(
    [
        "其中：",
        "支出",
        "收入",
        "100万元",
        "99.5%",
        "，",
        "。",
        "；",
        "（",
        "）",
        "增加",
        "下降",
        "占",
        "每人",
        "12个",
        "共计",
        "完成预算",
        "2023年",
        "与上年相比",
        "“",
        "”",
        "≥",
        "一是",
        "为",
    ]
)


@given(st.lists(FRAGMENTS, max_size=40))
def test_no_text_however_broken_stops_the_checks(report, fragments):
    for one in report("".join(fragments)).examine():
        assert one.places and one.message.endswith("。")


def test_usual_endings_and_labels_are_not_slips(report):
    rows = [
        ["完成情况", "按期开展巡护，群众满意度明显提高"],
        ["内容", "保障办公费、水费、电费等日常支出，确保机构正常运转"],
        ["说明", "发动群众，共同参与"],
    ]
    made = report("其他农林水支出支出决算为10万元。", tables=[rows])
    assert made.of("text-cut-off") == [] and made.of("word-twice") == []


def test_animal_diseases_are_daily_work_of_the_agency_concerned(report):
    assert report("加强动物疫情防控。").of("outdated-wording") == []
    assert report("做好疫情防控。", department="某县农业农村局").of("outdated-wording") == []


def test_counting_accidents_checked_is_no_wrong_direction(report, line):
    lines = (line("安全事故隐患排查次数", "≥", 10), line("事故率下降", "≥", 5, row=2))
    assert report("概况。", indicators=lines).of("direction") == []
    assert report("概况。", indicators=(line("设备故障率", "≥", 5),)).severities("direction") == ["question"]


def test_a_list_that_ends_in_and_so_on_is_not_counted(report):
    assert report("开展4个专项，分别为防火、防虫等。").of("list-count") == []


def test_the_table_of_another_report_is_not_held_against_the_department(report, rubric):
    part = {"id": "r2", "kind": "project", "title": "山林巡护", "self_score": Decimal(60), "source": {}}
    lines = tuple(rubric(name, 50, 30).model_copy(update={"report": "r2"}) for name in ("甲", "乙"))
    lines = (*lines, rubric("丙", 0, 0).model_copy(update={"report": "r2"}))
    made = report("部门自评得分为90分。", rubric=lines, reports=(part,), self_score=Decimal(90))
    assert made.severities("rubric-total") == ["confirmed"]


def test_payments_by_quarter_belong_to_the_amount_they_add_up_to(report):
    text = "年初预算300万元，全年执行285万元。其中：第一季度60万元，第二季度75万元，第三季度70万元，第四季度80万元。"
    assert report(text).severities("sum-of-parts") == ["confirmed"]
    assert report(text.replace("80万元", "81万元")).of("sum-of-parts") == []


def test_shares_told_together_are_not_taken_for_the_last_amount(report):
    text = "全年支出100万元，其中：人员支出50万元、公用支出20万元、项目支出30万元，分别占总支出的50%、20%和30%。"
    assert report(text).of("share") == []


def test_ten_thousand_mu_are_no_money(report, line):
    lines = (line("森林抚育面积", "≥", "1.2", "1.25", unit="万亩", target_text="≥1.2万亩", actual_text="1.25万亩"),)
    assert report("概况。", indicators=lines).of("quantity-in-money") == []
    money = (line("抚育补助", None, None, target_text="50万（含运输）"),)
    assert report("概况。", indicators=money).severities("quantity-in-money") == ["question"]
