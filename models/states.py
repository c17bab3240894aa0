"""Every state and kind a record can have (状态与类别), with the labels people see.

Codes are stored; ``label`` is what staff read, ``told`` what a department is told where that differs.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class Labelled(StrEnum):
    """A code with a Chinese label for staff and one for departments (带中文名称的代码)."""

    label: str
    told: str

    def __new__(cls, code: str, label: str = "", told: str | None = None) -> Self:
        member = str.__new__(cls, code)
        member._value_ = code
        member.label = label
        member.told = told or label
        return member


class CycleState(Labelled):
    """Where the year stands (年度进度)."""

    DRAFTING = "drafting", "准备中"
    ISSUED = "issued", "已印发通知"
    COLLECTING = "collecting", "收件中"
    SCORING = "scoring", "评分中"
    SPOT_CHECKING = "spot_checking", "抽查复核中"
    OBJECTION = "objection", "反馈与申诉"
    PUBLISHED = "published", "已公开"
    RECTIFYING = "rectifying", "整改中"
    CLOSED = "closed", "已办结"


class Stage(Labelled):
    """The dated stages of a year (阶段)."""

    NOTICE = "notice", "印发通知"
    SUBMIT_BY = "submit_by", "自评材料报送截止"
    SCORING = "scoring", "评分"
    DRAW = "draw", "抽取抽查对象"
    REVIEW_BY = "review_by", "复核完成"
    FEEDBACK = "feedback", "反馈评价结果"
    OBJECT_BY = "object_by", "申诉截止"
    PUBLISH = "publish", "公开评价结果"
    RECTIFY = "rectify", "下达整改通知"
    RECTIFY_BY = "rectify_by", "整改报告截止"
    CLOSE = "close", "年度办结"


class ContactRole(Labelled):
    """What a contact is to the department (联系人角色)."""

    HANDLER = "handler", "经办人"
    LEADER = "leader", "分管领导"


class SubmissionState(Labelled):
    """Where a department's material stands (报送状态). Lateness is a number of working days, not a state."""

    AWAITED = "awaited", "待报送"
    RECEIVED = "received", "已收到", "已收到，正在审核"
    NEEDS_CORRECTION = "needs_correction", "退回修改", "请修改后重新报送"
    RESUBMITTED = "resubmitted", "已重新报送", "已收到修改稿，正在审核"
    ACCEPTED = "accepted", "已接收", "审核通过"
    NOT_SUBMITTED = "not_submitted", "未报送"


class Channel(Labelled):
    """How something arrived (收件渠道)."""

    MAILBOX = "mailbox", "邮箱"
    DROP_FOLDER = "drop_folder", "收件文件夹"


class ReceiptOutcome(Labelled):
    """What became of a receipt (收件处理结果)."""

    PENDING = "pending", "待处理"
    SUBMISSION = "submission", "自评材料"
    REVIEW = "review", "复核工作簿"
    RECTIFICATION = "rectification", "整改报告"
    OBJECTION = "objection", "申诉"
    DUPLICATE = "duplicate", "重复报送"
    BOUNCE = "bounce", "退信"
    IGNORED = "ignored", "无附件，不处理"
    QUARANTINED = "quarantined", "隔离待查"


class LetterKind(Labelled):
    """The letters the bureau writes (函件种类)."""

    NOTICE = "notice", "绩效评价工作通知"
    REMINDER = "reminder", "报送提醒"
    ESCALATION = "escalation", "逾期督办"
    RECEIPT = "receipt", "收件回执"
    DUPLICATE = "duplicate", "重复报送说明"
    CORRECTION = "correction", "退回修改通知"
    EXTENSION = "extension", "延期答复"
    DRAWN = "drawn", "抽查通知"
    DRAW_WITHDRAWN = "draw_withdrawn", "抽查撤销通知"
    REVIEW_TASK = "review_task", "复核任务"
    SECOND_REVIEW_TASK = "second_review_task", "第二复核任务"
    SETTLEMENT_TASK = "settlement_task", "复核定案任务"
    REVIEW_RETURNED = "review_returned", "复核工作簿退回"
    RESULT = "result", "评价结果反馈"
    OBJECTION_RECEIVED = "objection_received", "申诉受理通知"
    OBJECTION_DECIDED = "objection_decided", "申诉处理决定"
    RECTIFICATION = "rectification", "整改通知"
    RECTIFICATION_REMINDER = "rectification_reminder", "整改提醒"
    RECTIFICATION_RETURNED = "rectification_returned", "整改退回"
    RECTIFICATION_EXTENSION = "rectification_extension", "整改延期答复"
    RECTIFICATION_CLOSED = "rectification_closed", "整改办结通知"
    RECTIFICATION_CARRIED = "rectification_carried", "整改事项结转通知"
    PUBLISHED = "published", "评价结果通报"
    STAFF_ALERT = "staff_alert", "运行告警"


class LetterState(Labelled):
    """Where a letter stands (发件状态)."""

    DRAFT = "draft", "待批准"
    APPROVED = "approved", "待发送"
    SENDING = "sending", "发送中"
    SENT = "sent", "已发送"
    FAILED = "failed", "发送失败"
    UNKNOWN = "unknown", "结果不明"
    WITHDRAWN = "withdrawn", "已撤回"
    TO_DELIVER = "to_deliver", "待另行送达"
    DELIVERED = "delivered", "已另行送达"


class DeliveryMeans(Labelled):
    """How a letter is delivered that does not go by mail (送达方式)."""

    BY_HAND = "by_hand", "专人送达"
    EXCHANGE = "exchange", "机要交换"
    POST = "post", "邮政寄送"
    FAX = "fax", "传真"
    PHONE = "phone", "电话通知"
    COLLECTED = "collected", "部门领取"


class Gate(Labelled):
    """Where a person must decide (审批事项)."""

    NOTICE = "notice", "印发通知"
    DRAW = "draw", "抽查名单"
    PUBLICATION = "publication", "公开评价结果"
    CORRECTION = "correction", "更正公开的结果"


class ReviewSeat(Labelled):
    """Which part a person has in a department's review (复核分工)."""

    FIRST = "first", "第一复核人"
    SECOND = "second", "第二复核人"
    SETTLING = "settling", "定案人"


class Decision(Labelled):
    """What was decided at a gate (审批意见)."""

    APPROVED = "approved", "同意"
    REFUSED = "refused", "不同意"


class ObjectionState(Labelled):
    """Where an objection stands (申诉状态)."""

    RECEIVED = "received", "已受理"
    UPHELD = "upheld", "申诉成立"
    REJECTED = "rejected", "维持原结果"
    LATE = "late", "逾期提出"


class RectificationOrigin(Labelled):
    """Where a remediation item comes from (整改事项来源)."""

    REPORT = "report", "部门自查"
    FINDING = "finding", "审核疑点"
    REVIEW = "review", "复核意见"
    STAFF = "staff", "财政部门"
    CARRIED = "carried", "上年度未完成"


class ItemSeverity(Labelled):
    """How grave a problem is (问题严重程度), from the least."""

    MINOR = "minor", "一般"
    SERIOUS = "serious", "较重"
    GRAVE = "grave", "严重"


class RectificationState(Labelled):
    """Where a remediation item stands (整改状态)."""

    OPEN = "open", "待整改"
    PLANNED = "planned", "已报整改措施"
    CLAIMED_DONE = "claimed_done", "已报完成，待核实"
    RETURNED = "returned", "核实未通过，退回"
    EXTENDED = "extended", "已批准延期"
    VERIFIED = "verified", "已核实销号"
    CARRIED_OVER = "carried_over", "转入下一年度继续整改"


class SharedStep(Labelled):
    """A step whose departments several workers can share (可分办的环节)."""

    READ = "read", "审读"
    SCORE = "score", "评分"
