"""Everything that is published (公开文件): site, open data and bulletins, written from the stored editions alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from statistics import mean
from typing import Any

from sqlmodel import Session, col, select

from models import rules
from models.editions import without
from models.numbers import rounded
from models.published import PublishedResults
from models.records import Cycle, Edition
from models.rules.schema import RuleSet
from models.states import Stage
from tasks import lookup, settings
from tasks.stages import draw as draws
from tasks.stages.reports import put_document
from tasks.writing.bulletin import BulletinView, write_bulletin
from tasks.writing.bulletin_correction import write_correcting_bulletin
from tasks.writing.results import write_results
from tasks.writing.site import build_site
from tasks.writing.site_view import PastYear, site_extras


@dataclass(frozen=True)
class Public:
    """What goes into the public files (公开内容): the newest edition, those before it, and what stands beside them."""

    results: PublishedResults
    old: tuple[PublishedResults, ...]
    draw: dict[str, Any] | None
    past: tuple[PastYear, ...]
    ruleset: RuleSet
    bureau: str
    office: str
    rectify_by: date


def gather(db: Session, cycle: Cycle, editions: Sequence[Edition]) -> Public:
    """Everything public of a year (汇总公开内容), from the database; ``editions`` oldest first, at least one."""
    *old, newest = (PublishedResults.model_validate(edition.results) for edition in editions)
    draw = lookup.draw_in_force(db, cycle)
    return Public(
        results=newest,
        old=tuple(old),
        draw=draws.published(draw, draws.draws(db, cycle)) if draw else None,
        past=_past_years(db, cycle, newest),
        ruleset=rules.load(cycle.ruleset_id),
        bureau=cycle.bureau,
        office=cycle.office,
        rectify_by=_rectify_by(db, cycle, editions[0]),
    )


def _rectify_by(db: Session, cycle: Cycle, first: Edition) -> date:
    """Until when the bulletin asks for remediation (通报中的整改期限); the same whenever an edition is written again."""
    begins = max(first.published_on, lookup.stage_dates(db, cycle)[Stage.RECTIFY].due_on)
    return begins + timedelta(days=rules.load(cycle.ruleset_id).calendar.rectify_days)


def _past_years(db: Session, cycle: Cycle, newest: PublishedResults) -> tuple[PastYear, ...]:
    """What earlier years published (历年公开结果), oldest first: of the departments that are public now, each year's last word."""
    shown = {department.code for department in newest.departments}
    rows = db.exec(
        select(Cycle.fiscal_year, Edition)
        .join(Edition, col(Edition.cycle_id) == col(Cycle.id))
        .where(Cycle.fiscal_year < cycle.fiscal_year)
        .order_by(col(Cycle.fiscal_year), col(Edition.number))
    )
    last = {year: PublishedResults.model_validate(edition.results) for year, edition in rows}
    return tuple(_past_year(year, results, shown) for year, results in last.items())


def _past_year(year: int, results: PublishedResults, shown: set[str]) -> PastYear:
    scores = {d.code: d.final_score for d in results.departments if d.final_score is not None}
    return PastYear(
        year=str(year),
        average=rounded(Decimal(mean(scores.values()))) if scores else None,
        scores={code: score for code, score in scores.items() if code in shown},
        grades={d.code: d.grade for d in results.departments if d.grade and d.code in shown},
    )


def write(public: Public) -> bytes:
    """Write everything public (写出公开文件), from the allow-list alone; returns the newest edition's bulletin."""
    home, results = settings.current(), public.results
    write_results(results, home.folder("results"))
    contact = "，".join(
        part for part in (home.contact_name or public.office, home.contact_phone, home.mail_from) if part
    )
    extras = site_extras(public.ruleset, past=public.past, contact=contact)
    # On the site an old edition no longer shows whom the newest one withdrew; its bulletin in the files stays what it was.
    earlier = tuple(without(edition, results) for edition in public.old)
    build_site(results, public.draw, extras, home.home / "site", earlier=earlier)
    content = b""
    for edition in (*public.old, results):
        content = _bulletin(public, edition)
        put_document(bulletin_name(edition), content)
    return content


def bulletin_name(results: PublishedResults) -> str:
    """The file name of an edition's bulletin (通报文件名)."""
    if results.correction is None:
        return f"{results.fiscal_year}年度评价结果通报.docx"
    return f"{results.fiscal_year}年度评价结果更正通报（第{results.edition}版）.docx"


def _bulletin(public: Public, edition: PublishedResults) -> bytes:
    view = BulletinView(
        results=edition,
        bureau=public.bureau,
        document_number=edition.document_number or "",
        issued_on=date.fromisoformat(edition.published_on),
        office=public.office,
        rectify_by=public.rectify_by,
        grade_bands=public.ruleset.grade_bands,
    )
    return write_bulletin(view) if edition.correction is None else write_correcting_bulletin(view)
