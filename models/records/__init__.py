"""The state of the year as tables (业务数据表), one aggregate a file. Importing this package registers them all."""

from models.records.audit import AuditEvent
from models.records.correction import CardCorrection, CorrectionRecord
from models.records.cycle import Cycle, StageDate
from models.records.delivery import LetterDelivery, OtherDelivery
from models.records.department import Contact, Department
from models.records.mail import Letter, LetterAttachment, LetterMessage, MailedAgain, MailTally
from models.records.publication import Approval, Edition, Objection, ObjectionAdjustment
from models.records.reading import BureauFigure, FindingRecord, Reading
from models.records.rectification import RectificationItem
from models.records.score import Judgement, OutcomeRecord, ScoreCardRecord
from models.records.sharing import SharedWork
from models.records.spot_check import DrawRecord, Review, ReviewLine
from models.records.submission import Receipt, ReceivedFile, Submission, SubmissionVersion
from models.records.targets import ApprovedIndicatorRecord, ApprovedProjectRecord, TargetVersion

__all__ = [
    "Approval",
    "ApprovedIndicatorRecord",
    "ApprovedProjectRecord",
    "AuditEvent",
    "BureauFigure",
    "CardCorrection",
    "Contact",
    "CorrectionRecord",
    "Cycle",
    "Department",
    "DrawRecord",
    "Edition",
    "FindingRecord",
    "Judgement",
    "Letter",
    "LetterAttachment",
    "LetterDelivery",
    "LetterMessage",
    "MailTally",
    "MailedAgain",
    "Objection",
    "ObjectionAdjustment",
    "OtherDelivery",
    "OutcomeRecord",
    "Reading",
    "Receipt",
    "ReceivedFile",
    "RectificationItem",
    "Review",
    "ReviewLine",
    "ScoreCardRecord",
    "SharedWork",
    "StageDate",
    "Submission",
    "SubmissionVersion",
    "TargetVersion",
]
