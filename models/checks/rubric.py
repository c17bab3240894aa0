"""The department rubric as the department filled it in (部门整体评价指标表)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from models.checks.findings import Computed, found, place, spoken
from models.checks.material import Material
from models.checks.packaged import word_list
from models.checks.registry import Check
from models.facts import Finding, FindingPlace, RubricLine, Severity
from models.numbers import trimmed
from models.statements.grids import Row
from models.statements.text import Sentence, clean

FULL = Decimal(100)
_LEFT_BLANK = re.compile(r"无需打分|不(?:需|予|作)?(?:自评)?打分|不填(?:写|报)?|留空")
_PRINTED_POINTS = re.compile(r"[（(](\d+(?:\.\d+)?)分[）)]")
_SELF_SCORE = re.compile(r"(?:自评|评价)(?:总)?得分")


def row_of(material: Material, line: RubricLine) -> Row | None:
    """The table row of a rubric line (指标所在行)."""
    for row in material.rows:
        if line.source.table is not None and (row.table, row.row) == (line.source.table, line.source.row):
            return row
    named = [row for row in material.rows if clean(line.level3) in row.texts and row.under("分值") is not None]
    return named[0] if len(named) == 1 else None


def line_place(material: Material, line: RubricLine) -> FindingPlace:
    """A rubric line with its maximum and score as quote (指标行出处)."""
    held = "空白" if line.score is None else trimmed(line.score)
    quote = f"{clean(line.level3)} 分值{trimmed(line.weight) if line.weight is not None else '未写'} 自评得分{held}"
    return place(line.places.get("score") or line.source, quote)


def rule_text(material: Material, line: RubricLine) -> str:
    """The rule printed beside a line (计分标准), empty where the table prints none."""
    row = row_of(material, line)
    return (row.under("计分标准|评分标准|评分办法") or "") if row is not None else ""


def total_statements(material: Material) -> tuple[Sentence, ...]:
    """The sentences that state the total self-score (写明自评总分的句子)."""
    stated = material.facts.self_score
    if stated is None:
        return ()
    wanted = re.compile(
        rf"(?:自评|评价|总)[^。；，]{{0,12}}得?分[^。；，]{{0,4}}?{re.escape(trimmed(stated))}(?:\.0+)?分"
    )
    return tuple(one for one in material.sentences if wanted.search(one.text))


def total_statement(material: Material) -> Sentence | None:
    """The first sentence that states the total self-score (写明自评总分的第一句)."""
    stated = total_statements(material)
    return stated[0] if stated else None


def _by_report(material: Material) -> dict[str | None, list[RubricLine]]:
    groups: dict[str | None, list[RubricLine]] = {}
    for line in material.facts.rubric:
        groups.setdefault(line.report, []).append(line)
    return groups


def _reserved(line: RubricLine) -> bool:
    return any(re.search(pattern, clean(line.level3)) for pattern in word_list("rubric")["reserved"])


def _forbidden(material: Material) -> Iterator[Finding]:
    for lines in _by_report(material).values():
        for line in lines:
            if not _reserved(line) or line.score is None:
                continue
            others = sum((one.score or Decimal(0) for one in lines if one is not line), Decimal(0))
            rule = rule_text(material, line)
            noted = next((part for part in re.split(r"[（(。；]", rule) if _LEFT_BLANK.search(part)), "")
            places = [line_place(material, line)]
            if noted:
                places.append(place(line.source, noted.strip("）)")))
            sentence = total_statement(material)
            stated = material.facts.self_score
            if sentence is not None:
                places.append(place(sentence.source, _around_score(sentence.text)))
            total = f"，全文写明自评得分{trimmed(stated)}分" if stated is not None else ""
            message = (
                f"{spoken(line.source)}“{clean(line.level3)}”填有自评得分{trimmed(line.score)}分，按规则部门自评时此项指标无需打分、应留空白；"
                f"其余各项合计{trimmed(others)}分{total}，请核对。"
            )
            yield found(
                "forbidden-score",
                Severity.ERROR,
                message,
                tuple(places),
                score=line.score,
                sum_without=others,
                sum_with=others + line.score,
            )


def _around_score(text: str) -> str:
    match = _SELF_SCORE.search(text)
    if match is None:
        return text
    return text[max(0, match.start() - 30) : match.end() + 12]


FORBIDDEN = Check(
    code="forbidden-score",
    title="应留空白的指标填了分",
    what="“自评准确”等由评价组计分的指标，部门自评时应为空白。",
    example="“自评准确”一行自评得分填10分，总分因此多10分。",
    doubt="个别地方允许部门填写，可按评价规则关闭此项。",
    find=_forbidden,
)


def _maxima(material: Material) -> Iterator[Finding]:
    for line in material.facts.rubric:
        if line.weight is not None and line.score is not None and (line.score > line.weight or line.score < 0):
            message = (
                f"{spoken(line.source)}“{clean(line.level3)}”分值{trimmed(line.weight)}分，"
                f"自评得分{trimmed(line.score)}分，超出可得范围，请核对。"
            )
            yield found(
                "score-over-maximum",
                Severity.ERROR,
                message,
                (line_place(material, line),),
                score=line.score,
                maximum=line.weight,
            )
    for entry in material.facts.indicators:
        if entry.weight is not None and entry.score is not None and (entry.score > entry.weight or entry.score < 0):
            message = (
                f"{spoken(entry.source)}“{clean(entry.level3 or '')}”权重{trimmed(entry.weight)}分，"
                f"得分{trimmed(entry.score)}分，超出可得范围，请核对。"
            )
            quote = f"{clean(entry.level3 or '')} 权重{trimmed(entry.weight)} 得分{trimmed(entry.score)}"
            yield found(
                "score-over-maximum",
                Severity.ERROR,
                message,
                (place(entry.source, quote),),
                score=entry.score,
                maximum=entry.weight,
            )


MAXIMA = Check(
    code="score-over-maximum",
    title="得分超过分值",
    what="单项得分大于该项分值或权重，或为负数。",
    example="权重10分，得分12分。",
    doubt="有加分项的评价办法除外。",
    find=_maxima,
)


def _stated(material: Material, report: str | None) -> Decimal | None:
    """The total that the report of a rubric states itself (该份报告写明的总分); another report's total is not its total."""
    part = next((one for one in material.facts.reports if one.id == report), None)
    return part.self_score if part is not None else material.facts.self_score


def _sums(material: Material) -> Iterator[Finding]:
    for lines in _by_report(material).values():
        if len(lines) < 3:
            continue
        weights = [one.weight for one in lines if one.weight is not None]
        scores = [one.score for one in lines if one.score is not None]
        first, last = line_place(material, lines[0]), line_place(material, lines[-1])
        if len(weights) == len(lines):
            whole = sum(weights, Decimal(0))
            message = f"评价指标表{len(lines)}项分值合计{trimmed(whole)}分"
            if whole == 100:
                yield found("rubric-weights", Severity.CONFIRMED, f"{message}。", (first, last), sum=whole)
            else:
                yield found(
                    "rubric-weights",
                    Severity.QUESTION,
                    f"{message}，不等于100分，请核对是否有缺行。",
                    (first, last),
                    sum=whole,
                )
        stated = _stated(material, lines[0].report)
        if stated is None or not scores:
            continue
        held = sum(scores, Decimal(0))
        # A table whose maxima do not reach 100, or that has blank scores, may not have been read in full: then only ask.
        blank = [one for one in lines if one.score is None and not _reserved(one)]
        complete = len(weights) == len(lines) and sum(weights, Decimal(0)) == FULL and not blank
        sentence = total_statement(material)
        said = (place(sentence.source, _around_score(sentence.text)),) if sentence is not None else ()
        message = f"评价指标表{len(scores)}项自评得分合计{trimmed(held)}分，文中写明自评得分{trimmed(stated)}分"
        if held == stated:
            yield found("rubric-total", Severity.CONFIRMED, f"{message}，两者相符。", (first, last, *said), sum=held)
        else:
            yield found(
                "rubric-total",
                Severity.ERROR if complete else Severity.QUESTION,
                f"{message}，相差{trimmed(abs(held - stated))}分，请核对。",
                (first, last, *said),
                sum=held,
                stated=stated,
            )


def _groups(material: Material) -> Iterator[Finding]:
    """Groups that print their own points, such as 预算编制（30分）, against the maxima of their lines."""
    for lines in _by_report(material).values():
        groups: dict[tuple[str, str], list[RubricLine]] = {}
        for line in lines:
            for level in ("level1", "level2"):
                cell = line.places.get(level)  # the fact drops the points, the cell still prints them
                name = clean((cell.quote if cell is not None else None) or getattr(line, level) or "")
                if _PRINTED_POINTS.search(name):
                    groups.setdefault((level, name), []).append(line)
        for (_, name), own in groups.items():
            printed = _PRINTED_POINTS.search(name)
            if printed is None or any(one.weight is None for one in own):
                continue
            whole = sum((one.weight or Decimal(0) for one in own), Decimal(0))
            wanted = Decimal(printed.group(1))
            places = (line_place(material, own[0]), line_place(material, own[-1]))
            values: Computed = {"sum": whole, "printed": wanted}
            said = f"{spoken(own[0].source)}起“{name}”下{len(own)}项分值合计{trimmed(whole)}分"
            if whole == wanted:
                yield found("rubric-group", Severity.CONFIRMED, f"{said}，与所写相符。", places, **values)
            else:
                message = f"{said}，与所写{trimmed(wanted)}分不同，请核对分值或是否缺行。"
                yield found("rubric-group", Severity.QUESTION, message, places, **values)


GROUPS = Check(
    code="rubric-group",
    title="分组分值",
    what="分组名称后写有“（N分）”的，与组内各项分值之和比较。",
    example="“预算编制（30分）”下三项分值为10、10、5分。",
    doubt="跨页表格漏读一行时会不符，因此只作待核实。",
    find=_groups,
)


SUMS = Check(
    code="rubric-total",
    title="评价指标表合计与总分",
    what="各项自评得分之和与文中写明的自评得分比较；各项分值之和与100分比较（rubric-weights）。",
    example="12项得分合计88分，正文写明90分。",
    doubt="跨页表格漏读一行时也会不符，请先看行数。",
    also={
        "rubric-weights": "评价指标表分值合计",
    },
    find=_sums,
)
