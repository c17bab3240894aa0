"""Whose delivery it is and what it is (识别来件): a pure decision over evidence; disagreement goes to a person."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches

from tasks.intake.roster import Roster
from tasks.mail.token import Purpose, Token

FINGERPRINT = "工作簿指纹"
SUBJECT = "主题标记"
REPLY = "所回复的函件"
SENDER = "发件地址"
FOLDER = "收件文件夹"
NAMED_INSIDE = "材料内单位名称"


@dataclass(frozen=True)
class Evidence:
    """What a delivery says about itself (识别依据). ``folder`` is the drop-folder path, None for mail.

    ``replies`` is the mark of the letter that was answered, where neither subject nor file bears one.
    """

    fingerprints: tuple[Token, ...] = ()
    tokens: tuple[Token, ...] = ()
    senders: tuple[str, ...] = ()
    folder: tuple[str, ...] | None = None
    named_inside: tuple[str, ...] = ()
    replies: tuple[Token, ...] = ()


@dataclass(frozen=True)
class Identified:
    """Department and purpose (识别结果), with the strongest evidence for it."""

    department_id: int
    purpose: Purpose
    by: str


@dataclass(frozen=True)
class Unclear:
    """A person must decide (不能识别): the reason, and the department it may be."""

    reason: str
    perhaps: int | None = None


@dataclass(frozen=True)
class _Claim:
    by: str
    departments: frozenset[int]
    shown: str


def identify(evidence: Evidence, roster: Roster) -> Identified | Unclear:
    """Decide whose it is (识别来件): fingerprint, subject token, sender, folder, name inside - all that speak must agree."""
    marks = [(FINGERPRINT, t) for t in evidence.fingerprints] + [(SUBJECT, t) for t in evidence.tokens]
    marks += [(REPLY, t) for t in evidence.replies]
    for by, mark in marks:
        if mark.fiscal_year != roster.fiscal_year:
            return Unclear(f"{by}是{mark.fiscal_year}年度的，本次评价的是{roster.fiscal_year}年度")
        if roster.by_code(mark.code) is None:
            return Unclear(f"{by}中的部门代码“{mark.code}”不在名册中")
    purpose = _purpose(evidence, roster)
    if isinstance(purpose, Unclear):
        return purpose
    claims = [
        _Claim(by, frozenset({found}), roster.label(found))
        for by, mark in marks
        if (found := roster.by_code(mark.code)) is not None
    ]
    outsider = _add_sender(claims, evidence, roster, purpose)
    _add_places(claims, evidence, roster)
    return _agreed(claims, roster, purpose, outsider)


def _purpose(evidence: Evidence, roster: Roster) -> Purpose | Unclear:
    for by, marks in ((FINGERPRINT, evidence.fingerprints), (SUBJECT, evidence.tokens), (REPLY, evidence.replies)):
        found = list(dict.fromkeys(mark.purpose for mark in marks))
        if len(found) > 1:
            return Unclear(f"{by}同时指向多种材料：" + "、".join(p.label for p in found))
        if found:
            return found[0]
    named = [p for p in Purpose if p.value and evidence.folder is not None and p.value in evidence.folder]
    if named:
        return named[0]
    only_reviewer = any(s in roster.reviewers and s not in roster.contacts for s in evidence.senders)
    return Purpose.REVIEW if only_reviewer else Purpose.MATERIAL


def _add_sender(claims: list[_Claim], evidence: Evidence, roster: Roster, purpose: Purpose) -> str | None:
    """Add the sender's claim; returns why the sender may not send this, if so."""
    if evidence.folder is not None:
        return None
    if len(evidence.senders) != 1:
        return "邮件没有发件地址" if not evidence.senders else "邮件有多个发件地址，可能是伪造的"
    [sender] = evidence.senders
    allowed = roster.reviewers if purpose is Purpose.REVIEW else roster.contacts
    found = allowed.get(sender)
    if found is None:
        who = "本年度的复核人" if purpose is Purpose.REVIEW else "名册中的联系人"
        return f"发件地址 {sender} 不是{who}{_resembles(sender, allowed)}"
    claims.append(_Claim(SENDER, found, "、".join(roster.label(d) for d in sorted(found))))
    return None


def _resembles(sender: str, allowed: dict[str, frozenset[int]]) -> str:
    """A warning about an address that only looks like a registered one (形近地址提示)."""
    strange = "，地址中有形近或不可见的特殊字符，疑似仿冒" if not sender.isascii() else ""
    near = get_close_matches(sender, allowed, n=1, cutoff=0.85)
    return strange + (f"，与登记的 {near[0]} 相近但不相同，请特别核实" if near else "")


def _add_places(claims: list[_Claim], evidence: Evidence, roster: Roster) -> None:
    found = roster.by_folder(evidence.folder[0]) if evidence.folder else None
    if found is not None:
        claims.append(_Claim(FOLDER, frozenset({found}), roster.label(found)))
    for printed in evidence.named_inside:
        meant = roster.named(printed)
        if meant:
            claims.append(_Claim(NAMED_INSIDE, meant, f"“{printed}”"))


def _agreed(claims: list[_Claim], roster: Roster, purpose: Purpose, outsider: str | None) -> Identified | Unclear:
    if not claims:
        return Unclear(outsider or "没有任何信息表明是哪个部门的材料")
    common = frozenset.intersection(*(c.departments for c in claims))
    if not common:
        told = "；".join(dict.fromkeys(f"{c.by}指向{c.shown}" for c in claims))
        return Unclear(f"识别依据互相矛盾：{told}")
    perhaps = next(iter(common)) if len(common) == 1 else None
    if outsider:
        hint = f"；{claims[0].by}指向{roster.label(perhaps)}，核实后可以确认接收" if perhaps else ""
        return Unclear(outsider + hint, perhaps)
    if perhaps is None:
        names = "、".join(roster.label(d) for d in sorted(common))
        return Unclear(f"{claims[0].by}对应多个部门：{names}；请在邮件主题中保留标记")
    return Identified(perhaps, purpose, claims[0].by)
