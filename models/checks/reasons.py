"""Reasons given for changes (原因说明): they must not contradict each other or the nature of the money."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from models.checks.findings import at, found, spoken
from models.checks.material import Material
from models.checks.registry import Check
from models.facts import Finding, Severity
from models.statements.text import Sentence

_REASON = re.compile(r"主要(?:变动)?原因(?:是|为|：)[：:]?(.{2,80}?)(?:[。；]|$)")
_PART = re.compile(r"([\u4e00-\u9fff]{2,12}?)(增多|增加|增长|提高|减少|下降|降低)")
_RUNNING_COST = re.compile(r"机关运行经费")
_PROJECT_MONEY = re.compile(r"项目[\u4e00-\u9fff]{0,8}(?:经费|支出)(?:的)?(?:减少|增加|下降|增长)")
_UP = ("增多", "增加", "增长", "提高")


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason (一条原因): what changed and which way."""

    subject: str
    rising: bool
    words: str
    sentence: Sentence


def _reasons(material: Material) -> list[Reason]:
    found_reasons: list[Reason] = []
    for sentence in material.sentences:
        for match in _REASON.finditer(sentence.text):
            for part in re.split(r"[，、,]|[一二三四]是", match.group(1)):
                one = _PART.search(part)
                if one and not re.search(r"增减", part):
                    found_reasons.append(Reason(one.group(1), one.group(2) in _UP, one.group(), sentence))
    return found_reasons


def _running_costs(material: Material) -> Iterator[Finding]:
    """Running costs of an agency are basic expenditure; project money cannot explain them."""
    for index, sentence in enumerate(material.sentences):
        if not _RUNNING_COST.search(sentence.text) or not re.search(r"增加|减少|增长|下降", sentence.text):
            continue
        following = [sentence, *material.sentences[index + 1 : index + 2]]
        for one in following:
            reason = _REASON.search(one.text) if one.passage is sentence.passage else None
            match = _PROJECT_MONEY.search(reason.group(1)) if reason else None
            if match:
                message = (
                    f"{spoken(one.source)}以“{match.group()}”说明机关运行经费的变动，而机关运行经费属于基本支出中的公用经费，"
                    "不含项目经费，请核对原因说明。"
                )
                yield found("reason-out-of-scope", Severity.QUESTION, message, at(sentence, one))


def _opposite(material: Material) -> Iterator[Finding]:
    reasons = _reasons(material)
    told: set[tuple[str, str]] = set()
    for index, one in enumerate(reasons):
        for two in reasons[index + 1 :]:
            short, long = sorted((one.subject, two.subject), key=len)
            if one.rising == two.rising or not long.startswith(short) or (one.words, two.words) in told:
                continue
            told.add((one.words, two.words))
            message = (
                f"{spoken(one.sentence.source)}说明原因是“{one.words}”，"
                f"{spoken(two.sentence.source)}说明原因是“{two.words}”，方向相反，请核对。"
            )
            yield found("reasons-opposite", Severity.QUESTION, message, at(one.sentence, two.sentence))


def _find(material: Material) -> Iterator[Finding]:
    yield from _running_costs(material)
    yield from _opposite(material)


CHECK = Check(
    code="reasons",
    title="原因说明相互矛盾",
    what="同一事项在不同处的原因一增一减（reasons-opposite）；用项目经费解释机关运行经费的变动（reason-out-of-scope）。",
    example="总支出增加因“项目增多”，运行经费减少因“项目经费减少”。",
    doubt="不同科目的原因方向可以不同，因此只作待核实。",
    also={
        "reasons-opposite": "原因方向相反",
        "reason-out-of-scope": "原因与科目口径不符",
    },
    find=_find,
)
