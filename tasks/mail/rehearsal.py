"""Rehearsing a batch (预演发送): what would leave now, and whether the server would take it. Nothing is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import Session, col, select

from models.records import Department, Letter, LetterAttachment
from models.states import LetterState
from tasks import clock, lookup, settings, store
from tasks.mail import smtp


@dataclass(frozen=True)
class Rehearsal:
    """What a sending would do (预演结果): a row a letter in the order of sending; ``error`` says why none could leave."""

    rows: tuple[Mapping[str, str], ...]
    error: str | None

    @property
    def sentence(self) -> str:
        """The outcome in words (预演结论)."""
        ready = f"待发{len(self.rows)}封，未发出任何函件。"
        return f"{ready}{self.error}。" if self.error else f"{ready}发信服务器可连接并登录。"


def rehearse(fiscal_year: int) -> Rehearsal:
    """List a year's letters that would leave now and try the server's door (预演发送). Changes nothing anywhere."""
    with store.session() as db:
        rows = tuple(_rows(db, fiscal_year))
    return Rehearsal(rows, _door())


def _rows(db: Session, fiscal_year: int) -> list[Mapping[str, str]]:
    cycle = lookup.cycle_of(db, fiscal_year)
    query = (
        select(Letter, Department)
        .join(Department, col(Department.id) == col(Letter.department_id), isouter=True)
        .where(Letter.cycle_id == cycle.id, Letter.state == LetterState.APPROVED)
        .order_by(col(Letter.id))
    )
    found = db.exec(query).all()
    files: dict[int, list[str]] = {}
    wanted = [letter.id for letter, _ in found]
    attached = select(LetterAttachment).where(col(LetterAttachment.letter_id).in_(wanted))
    for attachment in db.exec(attached.order_by(col(LetterAttachment.letter_id), col(LetterAttachment.number))):
        files.setdefault(attachment.letter_id, []).append(attachment.name)
    return [
        {
            "序号": str(number),
            "函件": letter.kind.label,
            "部门": department.name if department else "",
            "收件人": f"{letter.to_name} {letter.to_address}",
            "主题": letter.subject,
            "附件": "、".join(files.get(letter.id, [])) or "无",
            "说明": _when(letter),
        }
        for number, (letter, department) in enumerate(found, 1)
    ]


def _when(letter: Letter) -> str:
    if letter.not_before and letter.not_before > clock.now():
        local = letter.not_before.astimezone(settings.current().zone)
        return f"{local.month}月{local.day}日{local:%H:%M}后重试（已尝试{letter.attempts}次）"
    return "可发"


def _door() -> str | None:
    """Connect, log in and leave (试连发信服务器); the sentence of what failed, or None."""
    try:
        smtp.connect(settings.current()).close()
    except smtp.ServerUnavailableError as error:
        return str(error)
    return None
