"""Appointing people for a review (指定复核人员): a second reviewer beyond the policy, who settles, or a replacement."""

from __future__ import annotations

from sqlmodel import Session

from models.records import Cycle, DrawRecord
from models.rotation import NobodyLeftError
from models.states import CycleState, ReviewSeat
from tasks import lookup, settings, store
from tasks.stages import assigning, double_review, second_reviewers
from tasks.stages.assigning import AssignmentError
from tasks.stages.second_reviewers import Duty


def appoint(fiscal_year: int, code: str, seat: ReviewSeat, named: str, reason: str, who: str) -> str:
    """Appoint a second reviewer or who settles (指定复核人员): by name or address, or by rotation; returns a sentence.

    The same person again changes nothing; somebody who has sent nothing yet is replaced. Raises AssignmentError.
    """
    named, reason, who = named.strip(), reason.strip(), who.strip()
    if seat is ReviewSeat.FIRST:
        raise AssignmentError("第一复核人在下达抽查任务时轮流分派，这里只能指定第二复核人或定案人。")
    if not reason or not who:
        raise AssignmentError("指定复核人员必须填写经办人和理由。")
    with store.session() as db:
        cycle = lookup.cycle_of(db, fiscal_year)
        made = lookup.draw_in_force(db, cycle)
        duty = lookup.submission_of(db, cycle, code)
        submission, department = duty
        if made is None or cycle.state is not CycleState.SPOT_CHECKING:
            raise AssignmentError(f"年度处于“{cycle.state.label}”阶段，只有抽查复核期间才能指定复核人员。")
        if assigning.review_of(db, made, submission) is None:
            raise AssignmentError(f"{department.name}未被抽中，没有复核任务。")
        known = assigning.review_of(db, made, submission, seat)
        if known is not None and known.recorded_at is not None:
            raise AssignmentError(f"{department.name}的{seat.label}（{known.reviewer}）已交回，不能更换。")
        settled = double_review.settlement(db, cycle, made, submission)
        if seat is ReviewSeat.SETTLING and (settled is None or not settled.open):
            raise AssignmentError(
                f"{department.name}没有需要定案的指标：两份复核工作簿都交回且评分不同时才需要定案人。"
            )
        person = _appointed(db, cycle, made, duty, seat, named)
        if known is None or (known.reviewer, known.reviewer_address) != person:
            second_reviewers.put_in(db, cycle, made, duty, seat, person, who)
            store.record(db, who, "review.appointed", f"{fiscal_year}/{code}", None, {"seat": seat, "reason": reason})
        return f"{department.name}的{seat.label}为{person[0]}，工作簿已放入发件台账。"


def _appointed(
    db: Session, cycle: Cycle, made: DrawRecord, duty: Duty, seat: ReviewSeat, named: str
) -> tuple[str, str]:
    leads = settings.current().lead_list if seat is ReviewSeat.SETTLING else []
    people = {address: name for name, address in [*leads, *settings.current().reviewer_list]}
    out = second_reviewers.barred(db, made, duty, seat, people)
    meant = [address for address, name in people.items() if named in (address, name)]
    if named and not meant:
        raise AssignmentError(f"复核人员中没有“{named}”，可选：{'、'.join(people.values())}。")
    if named and meant[0] in out:
        raise AssignmentError(f"{people[meant[0]]}须回避，或在该部门的复核中已有分工，不能担任{seat.label}，请换人。")
    if named:
        return people[meant[0]], meant[0]
    try:
        address = second_reviewers.picked(db, cycle, made, [duty], seat, people)[duty[1].code]
    except NobodyLeftError as error:
        raise AssignmentError(f"{error}请在 JIXIAO_REVIEWERS 或 JIXIAO_REVIEW_LEADS 中增加人员。") from error
    return people[address], address
