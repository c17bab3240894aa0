"""How settings and their values are called in Chinese (参数的中文名称), for tables and the rule book."""

from __future__ import annotations

from typing import Any

from models.states import ItemSeverity

SETTINGS: dict[str, str] = {
    # 各计分方式的参数
    "decide": "由谁判定",
    "required_level1": "须有的一级指标",
    "level1_of": "二级指标所属",
    "scope": "计入范围",
    "level1": "一级指标",
    "level2": "二级指标",
    "overshoot_percent": "超额上限（%）",
    "no_operator": "未写指标性质时",
    "limit": "上限",
    "factor": "倍数",
    "adjustment": "调剂金额口径",
    "steps": "分档",
    "basis": "比较方式",
    "direction": "偏差方向",
    "points": "得分",
    "limit_percent": "上限（%）",
    "checkpoints": "考核月份",
    "month": "月份",
    "target": "目标（%）",
    "points_each": "每个问题扣分",
    "year": "问题所属年度",
    "evidence_required": "须有佐证",
    "reduction": "未全部整改时",
    "not_applied": "结果未应用时",
    "unknown": "计分标准未知",
    # 偏离度、等级、抽查
    "bands": "档次",
    "deduction": "扣分",
    "base": "基数",
    "self_basis": "自评得分取",
    "maximum": "分值",
    "undrawn": "未抽查时",
    "places": "小数位数",
    "name": "名称",
    "lower": "最低分（含）",
    "share": "抽查比例",
    "minimum": "每层至少",
    "rounding": "取整",
    "measure": "抽中机会",
    "risk": "风险权重",
    "per_finding": "每个疑点加",
    "per_deviation_percent": "上年偏离度每1%加",
    "never_drawn": "从未被抽中加",
    "most": "最高",
    "size_limits": "规模界限（万元）",
    "rejudge_after_correction": "更正读取后重新审核",
    "choose": "安排双人复核的部门",
    "above": "预算达到（万元）",
    "tolerance": "允许分差",
    "within": "分差以内时",
    "settle_working_days": "定案期限（工作日）",
    "returned_for": "退回的情形",
    # 工作日程
    "notice": "印发通知",
    "submit_by": "报送截止",
    "reminders_before": "截止前提醒（天）",
    "reminders_after": "截止后提醒（天）",
    "escalation_working_days": "报告分管领导（截止后工作日）",
    "scoring": "评分",
    "draw": "抽签",
    "review_by": "复核完成",
    "feedback_days": "结果反馈（天）",
    "objection_working_days": "申诉期限（工作日）",
    "publish": "结果公开",
    "rectify_days": "整改期限（天）",
    "close": "工作结束",
    "rectify_reminder_days": "整改提醒间隔（天）",
    "rectify_reminders": "整改提醒次数",
    # 整改口径
    "severity": "严重程度",
    "evidence": "应附佐证",
    "days": "整改天数",
    "report": "部门自查的",
    "finding": "审核疑点",
    "review": "复核意见",
    "staff": "财政部门提出的",
    "carried": "上年度未完成的",
    "minor": "一般",
    "serious": "较重",
    "grave": "严重",
    "grave_share": "失分达到此比例为严重",
    "serious_share": "失分达到此比例为较重",
    "alike": "视为重复问题的相似度",
    "repeated_graver": "重复问题提高一级",
    "confirmed": "口径有依据",
    # 项目自评口径
    "weights": "名义权重",
    "total": "满分",
    "at_most": "≤指标超过时",
    "overshoot": "超额完成时",
    "scales": "定性等级写法",
    "tiers": "定性档次",
    "grade": "等级",
    "low": "最低（权重的%）",
    "high": "最高（权重的%）",
    "not_applicable": "不适用的写法",
    # 表格用语
    "department_report": "部门报告",
    "department_table": "部门自评表",
    "project_table": "项目自评表",
    "self_score": "自评得分",
}

BY_CALENDAR: dict[str, str] = {severity.value: "按工作日程" for severity in ItemSeverity}

VALUES: dict[str, dict[str, str]] = {
    "decide": {"person": "一律由评价人员判定", "full_when_complete": "要素齐全且全部量化的直接给满分"},
    "scope": {"projects": "项目的指标", "department": "部门整体的指标", "both": "项目和部门整体的指标"},
    "no_operator": {"as_at_least": "按“≥”判断", "person": "由评价人员判定"},
    "adjustment": {"gross": "增减绝对值合计", "net": "净额", "gross_else_net": "增减绝对值合计，未掌握时用净额"},
    "basis": {"total": "合计比较", "each": "逐项比较，取最大偏差"},
    "direction": {"both": "超支、节约都算", "over": "只算超支"},
    "year": {"fiscal_year": "评价年度", "previous_year": "评价年度的上一年度"},
    "reduction": {"person": "由评价人员判定", "proportional": "按整改比例计分"},
    "not_applied": {"person": "由评价人员判定", "zero": "不得分"},
    "base": {"review": "复核得分", "self": "自评得分", "points": "不折算，比较分值之差"},
    "self_basis": {"claimed_total": "部门所报自评总分", "sum_of_lines": "各项自评得分之和"},
    "undrawn": {"rescale": "其余各项折算为满分", "raw": "不折算"},
    "rounding": {"up": "向上取整", "half_up": "四舍五入"},
    "returned_for": {
        "unreadable": "文件无法读取",
        "wrong-year": "年度不符",
        "wrong-department": "部门不符",
        "no-department-report": "缺部门整体自评报告",
        "no-self-score": "未写自评得分",
        "no-rubric": "缺指标打分表",
    },
    "choose": {"none": "不安排", "share": "抽中部门的一定比例", "size": "预算达到规模的", "all": "全部抽中部门"},
    "within": {"first": "取第一复核人的评分", "mean": "取平均", "lower": "取较低的"},
    "measure": {"equal": "均等", "risk": "按风险", "size": "按规模", "size_times_risk": "按规模乘风险"},
    **{origin: {s.value: s.label for s in ItemSeverity} for origin in ("report", "finding", "staff", "carried")},
    "at_most": {"linear": "线性降到两倍指标值时为0", "inverse": "权重×指标值÷完成值"},
    "overshoot": {"no_deduction": "不扣分", "not_counted": "不计分", "reason_required": "须说明原因"},
}


def setting(name: str) -> str:
    """The Chinese name of a setting (参数名称); a name without one is shown as it is."""
    return SETTINGS.get(name, name)


def listed(settings: dict[str, Any]) -> str:
    """All settings of a rule in one line (参数一览)."""
    return "；".join(f"{setting(key)}：{spoken(value, key)}" for key, value in settings.items())


def spoken(value: Any, name: str = "") -> str:
    """A setting's value in one readable line (参数值的文字形式)."""
    if value is None:
        return {"limit": "不限", "maximum": "未知", **BY_CALENDAR}.get(name, "（无）")
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, dict):
        if any(isinstance(item, str) and item.endswith("。") for item in value.values()):
            return "；".join(f"{setting(key)}：{spoken(item, key).rstrip('。')}" for key, item in value.items()) + "。"
        return "，".join(f"{setting(key)} {spoken(item, key)}" for key, item in value.items())
    if isinstance(value, list):
        return (" / " if any(isinstance(item, dict) for item in value) else "、").join(spoken(i, name) for i in value)
    return VALUES.get(name, {}).get(str(value), str(value))
