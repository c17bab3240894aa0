"""What a report must contain to be checked (内容完整): score tables, parts of a score, coverage of projects."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from models.checks.findings import HUNDRED, at, found, percent, place, spoken
from models.checks.material import Material
from models.checks.registry import Check
from models.checks.rubric import total_statement, total_statements
from models.facts import Finding, Severity
from models.numbers import trimmed

_PART_SCORE = re.compile(
    r"(投入管理|投入|过程|产出|效益|效果|满意度|预算编制|预算执行|完成结果|预算管理|绩效结果应用|自评质量)(?:指标)?(?:方面)?(?:[，,：:]|，?(?:自评)?)?得分?(\d+(?:\.\d+)?)分"
)
_PLANNED = re.compile(r"对(\d+)个项目(?:都)?编制了?绩效目标")
_EVALUATED = re.compile(r"对(?:其中)?的?(\d+)[个项](?:项目)?(?:开展|进行)了?(?:绩效|支出)?[^，。；]{0,10}自评")
_WHOLE = re.compile(r"全面(?:开展|完成)?了?绩效自评|全部(?:开展|进行)了?绩效自评")
_BLANK_SCORE = re.compile(r"(?:自评|自行评价|评价)(?:总)?得分为?分")


def _score_table(material: Material) -> Iterator[Finding]:
    stated = material.facts.self_score
    sentence = total_statement(material)
    if stated is None or sentence is None or material.facts.rubric:
        return
    near = re.split(r"[，；]", sentence.text)
    clause = next((one for one in near if trimmed(stated) in one), sentence.text)
    message = (
        f"{spoken(sentence.source)}写明“{clause.rstrip('。')}”，文中未见与之对应的评分表，无法逐项核对，请补充评分表。"
    )
    places = [place(sentence.source, clause)]
    for one in total_statements(material):
        closing = next((part for part in re.split(r"[，；]", one.text) if trimmed(stated) in part), one.text)
        places.append(place(one.source, closing))
    yield found("score-without-table", Severity.QUESTION, message, tuple(dict.fromkeys(places)), score=stated)


SCORE_TABLE = Check(
    code="score-without-table",
    title="自评得分没有评分表",
    what="写明部门整体自评得分，而材料中没有逐项评分的表。",
    example="“评价得分97.45分（详见附表）”，附表不在材料中。",
    doubt="评分表可能另行报送。",
    find=_score_table,
)


def _part_scores(material: Material) -> Iterator[Finding]:
    stated = material.facts.self_score
    sentence = total_statement(material)
    if stated is None or sentence is None:
        return
    parts: dict[str, tuple[Decimal, object]] = {}
    places = [place(sentence.source, sentence.text)]
    for one in material.sentences:
        match = _PART_SCORE.search(one.text)
        same = one.passage.part == sentence.passage.part
        if match and same and not one.passage.in_table and match.group(1) not in parts:
            parts[match.group(1)] = (Decimal(match.group(2)), one)
            places.append(place(one.source, one.text[max(0, match.start() - 4) : match.end() + 2]))
    if len(parts) < 2:
        return
    whole = sum((value for value, _ in parts.values()), Decimal(0))
    listed = "、".join(f"{name}{trimmed(value)}分" for name, (value, _) in parts.items())
    said = f"{spoken(sentence.source)}写明自评得分{trimmed(stated)}分，分项得分为{listed}"
    if whole == stated:
        yield found("part-scores", Severity.CONFIRMED, f"{said}，合计相符。", tuple(places), sum=whole)
    else:
        gap = stated - whole
        message = f"{said}，合计{trimmed(whole)}分，相差{trimmed(gap)}分，请补充未列出的分项或核对得分。"
        yield found("part-scores", Severity.QUESTION, message, tuple(places), sum=whole, stated=stated, difference=gap)


PART_SCORES = Check(
    code="part-scores",
    title="分项得分与总分",
    what="正文逐类写明的得分（投入、产出、效益等）相加，与写明的总分比较。",
    example="总分98分，投入49分、产出24分、效益15分：合计88分。",
    doubt="可能有一类没有写得分，因此只作待核实。",
    find=_part_scores,
)


def _blank_score(material: Material) -> Iterator[Finding]:
    for sentence in material.sentences:
        match = _BLANK_SCORE.search(sentence.text)
        if match:
            message = f"{spoken(sentence.source)}“{sentence.text.rstrip('。')}”，得分处为空白，请补充自评得分。"
            yield found("score-blank", Severity.QUESTION, message, at(sentence))


BLANK_SCORE = Check(
    code="score-blank",
    title="自评得分空白",
    what="有“自评得分为分”一类句子而没有填写数字。",
    example="“自行评价得分为分”。",
    doubt="极少误判。",
    find=_blank_score,
)


def _coverage(material: Material) -> Iterator[Finding]:
    planned = next(((one, match) for one in material.sentences if (match := _PLANNED.search(one.text))), None)
    done = next(((one, match) for one in material.sentences if (match := _EVALUATED.search(one.text))), None)
    if planned is None or done is None:
        return
    total, evaluated = Decimal(planned[1].group(1)), Decimal(done[1].group(1))
    whole = next(((one, match) for one in material.sentences if (match := _WHOLE.search(one.text))), None)
    if evaluated >= total or not total:
        return
    claim = f"，而{spoken(whole[0].source)}写明“{whole[1].group()}”" if whole else ""
    places = at(planned[0], done[0], *([whole[0]] if whole else []))
    message = (
        f"{spoken(planned[0].source)}写明对{trimmed(total)}个项目编制了绩效目标，{spoken(done[0].source)}写明对{trimmed(evaluated)}项开展绩效自评，"
        f"自评项目占{percent(evaluated / total * HUNDRED)}%{claim}，请核对自评范围。"
    )
    yield found(
        "self-evaluation-coverage", Severity.QUESTION, message, places, share=percent(evaluated / total * HUNDRED)
    )


COVERAGE = Check(
    code="self-evaluation-coverage",
    title="自评覆盖范围",
    what="编制绩效目标的项目数与开展自评的项目数比较。",
    example="24个项目编制目标，5个开展自评，又称全面自评。",
    doubt="小额项目按规定可以不单独自评。",
    find=_coverage,
)
