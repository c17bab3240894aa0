"""Rendering letters (函件渲染): templates/mail/<kind>.html.j2 with a letterhead and a context, escaped throughout."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import escape

from models.states import LetterKind
from tasks import settings
from tasks.mail.cleaning import one_line
from tasks.mail.contexts import Context, Reason
from tasks.mail.plain import text_of


@dataclass(frozen=True)
class Letterhead:
    """What every letter shows beside its own content (函头)."""

    bureau: str
    office: str
    county: str
    fiscal_year: int
    document_number: str | None
    department_name: str
    department_code: str
    salutation: str
    dated: date
    token: str
    reply_address: str
    attachments: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rendered:
    """A letter ready for the outbox (成稿)."""

    subject: str
    html: str
    text: str


@dataclass(frozen=True)
class Returned:
    """Where a letter went before and came back from (退回情况)."""

    address: str
    sent_on: date


@dataclass(frozen=True)
class ReasonGroup:
    """Reasons under one heading (同类问题)."""

    name: str
    reasons: tuple[Reason, ...]


def day(value: date | None) -> str:
    """A date as officials write it (日期), 2026年3月1日; — when there is none."""
    return "—" if value is None else f"{value.year}年{value.month}月{value.day}日"


def moment(value: datetime) -> str:
    """A moment in the bureau's time zone (时刻)."""
    local = value.astimezone(settings.current().zone) if value.tzinfo else value
    return f"{day(local.date())} {local:%H:%M}"


def points(value: Decimal | None) -> str:
    """Points without trailing zeros (分值); — when absent, because absent is not 0."""
    if value is None:
        return "—"
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def percent(value: Decimal | None) -> str:
    """A percentage (百分比); — when absent."""
    return "—" if value is None else f"{points(value)}%"


def groups(reasons: Iterable[Reason]) -> list[ReasonGroup]:
    """Reasons by group (按类归并), groups in order of first appearance."""
    found: dict[str, list[Reason]] = {}
    for reason in reasons:
        found.setdefault(reason.group, []).append(reason)
    return [ReasonGroup(name, tuple(rows)) for name, rows in found.items()]


@lru_cache
def _environment(folder: Path) -> Environment:
    made = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(day=day, moment=moment, points=points, percent=percent, groups=groups)
    return made


def render(kind: LetterKind, head: Letterhead, letter: Context) -> Rendered:
    """Render one letter (生成函件); a template that names something its context lacks raises UndefinedError."""
    template = _environment(settings.current().templates / "mail").get_template(f"{kind.value}.html.j2")
    values = {"head": head, "letter": letter}
    page = template.render(values)
    # The block is HTML like everything else; a header is not.
    words = html.unescape("".join(template.blocks["subject"](template.new_context(values))))
    subject = one_line(f"{head.token}{words}", limit=200)
    return Rendered(subject=subject, html=page, text=text_of(page))


def mailed_again(subject: str, page: str, returned: Sequence[Returned], addressed: str | None, now: str) -> Rendered:
    """A letter's words with the note that it is mailed again (补发函件): below its title, everything else as it was.

    ``addressed`` is the person it was addressed to, who may be another one ``now``; None where it goes to the department.
    """
    note = _environment(settings.current().templates / "mail").get_template("_again.html.j2").render(returned=returned)
    head, title, rest = page.partition("</h1>")
    if addressed is not None:
        rest = rest.replace(f">{escape(addressed)}：<", f">{escape(now)}：<", 1)
    made = f"{head}{title}\n{note.strip()}{rest}"
    return Rendered(subject=f"{one_line(subject, limit=196)}（补发）", html=made, text=text_of(made))
