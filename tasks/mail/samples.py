"""One invented content per kind of letter (函件样例), for the gallery and the tests. No real department is meant."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from models.states import LetterKind
from tasks.mail import contexts as c

_ITEMS = (
    c.RectificationLine(
        number=1,
        problem="“公共自行车站点维护”项目的数量指标未完成：目标30处，实际21处。",
        due_on=date(2026, 11, 30),
        origin="复核意见",
        requirement="说明未完成的原因，补建站点或调整目标，并提供验收单。",
    ),
    c.RectificationLine(
        number=2, problem="办公费、印刷费合计超出年初预算23.5%。", due_on=date(2026, 12, 15), origin="审核疑点"
    ),
)


def _with(items: tuple[c.RectificationLine, ...], **values: str) -> tuple[c.RectificationLine, ...]:
    return tuple(item.model_copy(update=values) for item in items)


_RESULT = c.ResultContext(
    lines=(
        c.ResultLine(
            label="目标制定",
            maximum=Decimal(10),
            self_score=Decimal(10),
            reviewed=Decimal(9),
            final=Decimal(9),
            explanation="要素完整5分；细化量化4分：6个项目中有1个未设数量指标，扣1分。",
        ),
        c.ResultLine(
            label="目标实现",
            maximum=Decimal(10),
            self_score=Decimal(10),
            reviewed=Decimal(6),
            final=Decimal(6),
            explanation="10×3÷5=6：5个数量指标中3个完成；“站点维护”完成21处，目标≥30处，不计入。",
        ),
        c.ResultLine(
            label="编制准确",
            maximum=Decimal(10),
            self_score=Decimal("8.5"),
            reviewed=Decimal("8.5"),
            final=Decimal("8.5"),
            explanation="年中调整30.6万元÷年初预算2040万元=1.5%；10×(1-10×1.5%)=8.5。",
        ),
        c.ResultLine(
            label="执行进度",
            maximum=Decimal(10),
            self_score=None,
            reviewed=None,
            final=None,
            explanation="缺少9月执行数据，待人工判定。",
        ),
        c.ResultLine(
            label="自评准确",
            maximum=Decimal(10),
            final=Decimal(2),
            explanation="偏离度12.5%，超过10%且不超过20%，扣8分。",
        ),
    ),
    self_score=Decimal(90),
    review_score=Decimal(80),
    deviation_percent=Decimal("12.5"),
    deduction=Decimal(8),
    deviation_explanation="偏离度=|90－80|÷80=12.5%，超过10%且不超过20%，“自评准确”10分扣8分，得2分；80+2=82。",
    final_score=Decimal(82),
    grade="良",
    spot_checked=True,
    object_by=date(2026, 10, 16),
    ruleset="部门整体支出绩效评价规则（四川2023年度）",
    remarks=("执行进度待补充数据后重新计算。", "样张只列出部分指标。"),
)

SAMPLES: dict[LetterKind, c.Context] = {
    LetterKind.NOTICE: c.NoticeContext(
        document_number="青财绩〔2026〕3号",
        deadline=date(2026, 4, 30),
        prefilled="已填好贵单位3个项目的名称、年初预算、18项批复的绩效指标（含指标性质、指标值、单位和权重）",
        requirements=("有项目支出的部门，每个项目填写一张项目绩效自评表。", "佐证材料留存备查，不随邮件报送。"),
        reserved_lines=("自评准确",),
        contact_person="陈思",
        contact_phone="0800-0000000",
    ),
    LetterKind.REMINDER: c.ReminderContext(deadline=date(2026, 4, 30), days_left=5),
    LetterKind.ESCALATION: c.EscalationContext(
        deadline=date(2026, 4, 30), days_late=5, reminded_on=(date(2026, 4, 25), date(2026, 5, 6)), handler="何川"
    ),
    LetterKind.RECEIPT: c.ReceiptContext(
        version=2,
        received_on=date(2026, 5, 7),
        days_late=2,
        deadline=date(2026, 4, 30),
        files=("2025年度部门整体支出绩效自评报告.docx", "自评表（101）.xlsx"),
        understood=(
            c.Fact(label="部门", value="青禾县交通服务中心（101）"),
            c.Fact(label="评价年度", value="2025年度"),
            c.Fact(label="自评总分", value="93分"),
            c.Fact(label="项目", value="6个"),
            c.Fact(label="绩效指标", value="34个，其中数量指标12个"),
        ),
        changes=(
            c.Change(item="项目“站点维护”数量指标1 完成值", before="30", after="21"),
            c.Change(item="自评总分", before="97", after="93"),
            c.Change(item="项目“信号灯改造”自评得分", before=None, after="88"),
        ),
        questions=(
            c.Reason(
                text="项目“信号灯改造”的执行率印为98%，按执行数÷预算数计算为89%。",
                place="自评报告.docx，第6页，表3，第4行",
                remedy="请核对执行数和预算数。",
            ),
        ),
        set_aside=(c.Fact(label="winmail.dat", value="是Outlook的RTF格式附件，无法打开"),),
    ),
    LetterKind.DUPLICATE: c.DuplicateContext(
        received_on=date(2026, 5, 8),
        first_received_on=date(2026, 5, 7),
        version=2,
        files=("2025年度部门整体支出绩效自评报告.docx",),
    ),
    LetterKind.CORRECTION: c.CorrectionContext(
        version=1,
        received_on=date(2026, 4, 28),
        correct_by=date(2026, 5, 8),
        reasons=(
            c.Reason(
                text="收入明细相加为1,284.60万元，合计印为1,248.60万元，相差36万元。",
                place="自评报告.docx，第2页，表1，第5行",
                remedy="请核对各项收入和合计。",
                group="金额不一致",
            ),
            c.Reason(
                text="“自评准确”一项填写了10分；该项由财政部门复核后计算，应当留空。",
                place="自评表.xlsx，工作表“整体”，第17行",
                remedy="请清空该单元格，并相应更正自评总分。",
                group="评分表填写",
            ),
        ),
        questions=(c.Reason(text="报告第3页称设站点30处，第9页称25处。", place="自评报告.docx，第3页、第9页"),),
    ),
    LetterKind.EXTENSION: c.ExtensionContext(
        granted=True,
        deadline=date(2026, 5, 8),
        requested_to=date(2026, 5, 8),
        reason="经办人员变动属实，同意延期。",
    ),
    LetterKind.DRAWN: c.DrawnContext(
        drawn_on=date(2026, 7, 6),
        drawn=18,
        departments=72,
        method="按部门类别和支出规模分层，每层至少抽取一个，按风险权重系统抽样。",
        seed="20260706-3519",
        review_by=date(2026, 8, 14),
        reviewer="复核二组",
        evidence=("数量指标完成情况的验收单、签到表或系统导出记录", "满意度调查问卷及统计表", "年中预算调整的批复文件"),
    ),
    LetterKind.DRAW_WITHDRAWN: c.DrawWithdrawnContext(
        drawn_on=date(2026, 7, 6), reason="两个新并入的部门未列入抽样框，重新抽取。"
    ),
    LetterKind.REVIEW_TASK: c.ReviewTaskContext(
        review_by=date(2026, 8, 14), lines=41, findings=3, instructions=("满意度没有调查材料的，按0分计。",)
    ),
    LetterKind.SECOND_REVIEW_TASK: c.SecondReviewTaskContext(review_by=date(2026, 8, 14), lines=11, findings=3),
    LetterKind.SETTLEMENT_TASK: c.SettlementTaskContext(settle_by=date(2026, 8, 21), lines=2, of=11),
    LetterKind.REVIEW_RETURNED: c.ReviewReturnedContext(
        received_on=date(2026, 8, 10),
        review_by=date(2026, 8, 14),
        problems=(
            c.Reason(text="第12行复核得分为空。", place="工作表“复核”，I12", remedy="请填写复核得分，没有佐证的填0。"),
            c.Reason(text="第15行扣2分，没有写扣分理由。", place="工作表“复核”，K15", remedy="请写明理由和依据。"),
        ),
    ),
    LetterKind.RESULT: _RESULT,
    LetterKind.OBJECTION_RECEIVED: c.ObjectionReceivedContext(
        received_on=date(2026, 10, 12),
        summary="对“目标实现”一项的复核得分有异议：站点维护实际完成30处，其中9处验收单在年后补开。",
        decide_by=date(2026, 10, 26),
        files=("验收单（9份）.pdf",),
    ),
    LetterKind.OBJECTION_DECIDED: c.ObjectionDecidedContext(
        upheld=True,
        received_on=date(2026, 10, 12),
        decided_on=date(2026, 10, 20),
        reason="9处站点在2025年12月已投入使用，验收单补开不影响完成事实。",
        changes=(
            c.Change(item="目标实现", before="6分", after="8分"),
            c.Change(item="最终得分", before="82分", after="88分"),
        ),
        final_score=Decimal(88),
        grade="良",
    ),
    LetterKind.RECTIFICATION: c.RectificationContext(items=_ITEMS, report_by=date(2026, 12, 15)),
    LetterKind.RECTIFICATION_REMINDER: c.RectificationReminderContext(
        items=_with(_ITEMS, state="待整改"), report_by=date(2026, 11, 30), days_late=14, step=2
    ),
    LetterKind.RECTIFICATION_RETURNED: c.RectificationReturnedContext(
        items=_with(_ITEMS[:1], remark="只说明了计划，没有验收单，不能证明已经完成。"),
        received_on=date(2026, 11, 27),
        report_by=date(2026, 12, 11),
    ),
    LetterKind.RECTIFICATION_EXTENSION: c.RectificationExtensionContext(
        granted=False,
        items=_with(_ITEMS, state="待整改"),
        requested_to=date(2027, 1, 31),
        reason="两项整改措施年内均可完成，延至次年将影响年度预算安排；验收资料可分批报送。",
    ),
    LetterKind.RECTIFICATION_CLOSED: c.RectificationClosedContext(
        items=_with(_ITEMS, state="已核实销号"), closed_on=date(2026, 12, 18)
    ),
    LetterKind.RECTIFICATION_CARRIED: c.RectificationCarriedContext(
        items=_with(_ITEMS[:1], state="转入下一年度继续整改", remark="督办后仍未提供验收单，转入下一年度继续整改。"),
        carried_on=date(2026, 12, 28),
        next_year=2026,
    ),
    LetterKind.PUBLISHED: c.PublishedContext(
        edition=1,
        published_on=date(2026, 10, 30),
        address="czj.qinghe.example/jixiao/2025",
        final_score=Decimal("88.00"),
        grade="良",
        summary=(
            c.Fact(label="参加评价的部门", value="72个"),
            c.Fact(label="等级分布", value="优12个，良41个，中16个，差3个"),
            c.Fact(label="自评偏离度超过5%", value="抽查的18个部门中有7个"),
        ),
    ),
    LetterKind.STAFF_ALERT: c.StaffAlertContext(
        title="每日推进已有两天没有运行",
        what="流程“全流程推进”上次成功运行是2026年5月6日，此后没有运行记录。",
        next_step="请检查工作进程是否在运行（jixiao doctor），恢复后会自动补做到期事项。",
        happened_at=datetime(2026, 5, 8, 1, 30, tzinfo=UTC),
        details=(c.Fact(label="待发送函件", value="14封"), c.Fact(label="到期未办", value="报送提醒")),
    ),
}
