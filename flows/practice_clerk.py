"""The practice year's staff (演练经办人员): they press the buttons a clerk and a leader would press, through the real flows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

from sqlmodel import select

from flows import practice_desk, practice_mistakes, practice_reviewers
from flows.decide_gate import decide_gate
from flows.draw_spot_check import prepare_draw
from flows.forms import (
    DrawForm,
    GateForm,
    ImportFiguresForm,
    ImportTargetsForm,
    ItemExtensionForm,
    JudgementForm,
    LetterForm,
    NoticeForm,
    OpenYearForm,
    PublicationForm,
    VerificationForm,
)
from flows.issue_notice import prepare_notice
from flows.open_year import import_figures, import_targets, open_year
from flows.publish_results import prepare_publication
from flows.score_submissions import record_judgement
from flows.send_outbox import settle_letter
from flows.track_rectification import extend_rectification, verify_rectification
from models.agenda import YearView, is_due
from models.records import Letter
from models.states import CycleState, Decision, Gate, LetterState, RectificationState, Stage, SubmissionState
from tasks import clock, lookup, store
from tasks.practice.catcher import arrived
from tasks.practice.people import World
from tasks.practice.world import write_targets
from tasks.stages import overview, rectification, replies


def start_year(world: World, roster: Path, figures: Path, ruleset: str) -> None:
    """Open the year, take in the bureau's figures and what it approved (建立年度、导入财政数据和批复的绩效目标)."""
    bureau = world.county.bureau
    open_year(
        OpenYearForm(
            fiscal_year=world.fiscal_year,
            county=world.county.name,
            bureau=bureau.name,
            office=bureau.office,
            ruleset=ruleset,
            roster=roster,
            operator=bureau.preparer.name,
        )
    )
    if _state(world) in (CycleState.DRAFTING, CycleState.ISSUED):
        # Gone on with later: a figure that was put right in the meantime stays right.
        form = ImportFiguresForm(fiscal_year=world.fiscal_year, workbook=figures, operator=bureau.preparer.name)
        import_figures(form)
    targets = write_targets(world)
    import_targets(ImportTargetsForm(fiscal_year=world.fiscal_year, workbook=targets, operator=bureau.preparer.name))


def work(world: World, seed: str) -> list[str]:
    """Everything the staff would do today (当日经办); returns what was done. Doing it again does nothing."""
    steps = (
        _settle_letters(world),
        practice_desk.work(world),
        _prepare_notice(world),
        _prepare_draw(world, seed),
        practice_reviewers.work(world),
        _judge(world),
        _prepare_publication(world),
        practice_mistakes.work(world),
        _decide(world),
        _extend(world),
        _verify(world),
    )
    return [sentence for step in steps for sentence in step]


def _state(world: World) -> CycleState:
    with store.session() as db:
        return lookup.cycle_of(db, world.fiscal_year).state


def _view(world: World) -> YearView:
    """Where the year stands (年度工作现状); much to count, so the state is asked first."""
    with store.session() as db:
        return overview.year_view(db, lookup.cycle_of(db, world.fiscal_year))


def _prepare_notice(world: World) -> Iterator[str]:
    if _state(world) is CycleState.DRAFTING and is_due(_view(world), Stage.NOTICE, clock.today()):
        with store.session() as db:
            if lookup.latest_approval(db, lookup.cycle_of(db, world.fiscal_year), Gate.NOTICE):
                return
        number = f"{world.county.bureau.document_prefix}〔{world.fiscal_year + 1}〕5号"
        prepare_notice(
            NoticeForm(
                fiscal_year=world.fiscal_year, document_number=number, operator=world.county.bureau.preparer.name
            )
        )
        yield f"拟办通知 {number}"


def _prepare_draw(world: World, seed: str) -> Iterator[str]:
    if _state(world) is not CycleState.SCORING:
        return
    view = _view(world)
    if not is_due(view, Stage.DRAW, clock.today()) or view.cards_missing:
        return
    with store.session() as db:
        if lookup.latest_draw(db, lookup.cycle_of(db, world.fiscal_year)):
            return
    prepare_draw(DrawForm(fiscal_year=world.fiscal_year, seed=seed, operator=world.county.bureau.preparer.name))
    yield f"抽取抽查对象，种子“{seed}”"


def _prepare_publication(world: World) -> Iterator[str]:
    if _state(world) is CycleState.OBJECTION and is_due(_view(world), Stage.PUBLISH, clock.today()):
        with store.session() as db:
            if lookup.latest_approval(db, lookup.cycle_of(db, world.fiscal_year), Gate.PUBLICATION):
                return
        number = f"{world.county.bureau.document_prefix}〔{world.fiscal_year + 1}〕18号"
        prepare_publication(
            PublicationForm(
                fiscal_year=world.fiscal_year, document_number=number, operator=world.county.bureau.preparer.name
            )
        )
        yield f"拟办公开评价结果 {number}"


def _decide(world: World) -> Iterator[str]:
    """The leader approves what waits (审批), seeing the digest of what was prepared."""
    for gate in Gate:
        with store.session() as db:
            matter = lookup.latest_approval(db, lookup.cycle_of(db, world.fiscal_year), gate)
        if matter is not None and matter.decision is None:
            decide_gate(
                GateForm(
                    fiscal_year=world.fiscal_year,
                    gate=gate,
                    digest=matter.digest,
                    decision=Decision.APPROVED,
                    approver=world.county.bureau.approver.name,
                    reason="演练：材料齐全，同意。",
                )
            )
            yield f"审批“{gate.label}”：同意"


def _judge(world: World) -> Iterator[str]:
    """Decide the lines the rules leave to a person (人工判定), as a reviewer of the county would find them."""
    if _state(world) not in (CycleState.SCORING, CycleState.SPOT_CHECKING):
        return
    with store.session() as db:
        cycle = lookup.cycle_of(db, world.fiscal_year)
        waiting = [
            (department.code, rule)
            for submission, department in lookup.submissions(db, cycle)
            if submission.state is SubmissionState.ACCEPTED
            for rule in overview.open_rules(db, submission)
        ]
    for code, rule in waiting:
        score, reason = _found(world, code, rule)
        record_judgement(
            JudgementForm(
                fiscal_year=world.fiscal_year,
                department=code,
                rule=rule,
                score=score,
                reason=reason,
                operator=world.county.bureau.preparer.name,
            )
        )
        yield f"判定{code}的{rule}为{score}分"


def _found(world: World, code: str, rule: str) -> tuple[Decimal, str]:
    if code not in world.codes:
        return Decimal(0), "演练：真实材料未经复核，不计分。"
    department = world.county.department(code)
    line = next(line for line in department.review if world.rule_ids[line.line] == rule)
    return line.score, line.reason or "演练：核对佐证材料，与自评一致。"


def _extend(world: World) -> Iterator[str]:
    """Grant the extensions that departments asked for (答复整改延期申请), to the day they named."""
    with store.session() as db:
        cycle = lookup.cycle_of(db, world.fiscal_year)
        wishes: dict[tuple[str, date], list[int]] = {}
        for submission, department in lookup.submissions(db, cycle):
            for item in rectification.items_of(db, submission):
                until = replies.asked_until(item)
                if until is not None and replies.wishes_extension(item):
                    wishes.setdefault((department.code, until), []).append(item.number)
    for (code, day), numbers in wishes.items():
        extend_rectification(
            ItemExtensionForm(
                fiscal_year=world.fiscal_year,
                department=code,
                items=numbers,
                until=day,
                reason="演练：理由充分，同意延期。",
                operator=world.county.bureau.preparer.name,
            )
        )
        yield f"准予{code}的{len(numbers)}项延期至{day}"


def _verify(world: World) -> Iterator[str]:
    """Verify claimed remediation (核实整改); an answer that the county's story sends back is sent back once."""
    with store.session() as db:
        cycle = lookup.cycle_of(db, world.fiscal_year)
        claimed = {
            department.code: [
                i for i in rectification.items_of(db, submission) if i.state is RectificationState.CLAIMED_DONE
            ]
            for submission, department in lookup.submissions(db, cycle)
        }
    for code, items in claimed.items():
        because = _returned_because(world, code)
        back = [i.number for i in items if because and i.number == 1 and i.remark is None]
        for accepted, numbers in ((False, back), (True, [i.number for i in items if i.number not in back])):
            if numbers:
                verify_rectification(
                    VerificationForm(
                        fiscal_year=world.fiscal_year,
                        department=code,
                        items=numbers,
                        accepted=accepted,
                        remark="" if accepted else because,
                        operator=world.county.bureau.preparer.name,
                    )
                )
                yield f"核实{code}的{len(numbers)}项：{'销号' if accepted else '退回'}"


def _returned_because(world: World, code: str) -> str:
    """Why the county's story sends a department's first claim back (退回理由); empty where it does not."""
    steps = world.county.department(code).remediation if code in world.codes else ()
    return next((step.returned_because for step in steps if step.returned_because), "")


def _settle_letters(world: World) -> Iterator[str]:
    """A letter whose sending was cut off: look whether it arrived, and say so (核实结果不明的函件)."""
    with store.session() as db:
        cycle = lookup.cycle_of(db, world.fiscal_year)
        unknown = db.exec(select(Letter).where(Letter.cycle_id == cycle.id, Letter.state == LetterState.UNKNOWN)).all()
    for letter in unknown:
        delivered = arrived(world.outgoing, letter.message_id)
        settle_letter(
            LetterForm(
                fiscal_year=world.fiscal_year,
                letter=letter.id,
                delivered=delivered,
                operator=world.county.bureau.preparer.name,
                reason="演练：已在收信服务中查到该函件。" if delivered else "演练：收信服务中没有该函件，重新发送。",
            )
        )
        yield f"核实函件{letter.key}：{'已送达' if delivered else '重新发送'}"
