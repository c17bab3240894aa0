"""Joining the pieces of a table over a page end: what was cut is glued, what begins anew is not."""

from __future__ import annotations

from models.document import CellFlag
from tasks.reading.layout import Box, Glyph, Line, RuledTable, box_text, lines_of
from tasks.reading.stitch import Grown

EM = 10.0


def lines(text: str, x0: float, top: float) -> list[Line]:
    found = []
    for number, part in enumerate(text.split("\n")):
        y = top + 3 + 12 * number
        found.append(Line(part, x0 + 5, y, x0 + 5 + EM * len(part), y + EM, head=EM))
    return found


def piece(rows: list[list[str | None]], widths: list[float], top: float = 100.0) -> RuledTable:
    """A piece of a table: None continues the cell above; the height of a row is that of its longest cell."""
    heights = [max(12.0 * len((text or "").split("\n")) for text in row) + 6 for row in rows]
    tops = [top + sum(heights[:index]) for index in range(len(rows) + 1)]
    boxes: list[Box] = []
    for column, width in enumerate(widths):
        x0 = 50 + sum(widths[:column])
        for number, row in enumerate(rows):
            text = row[column]
            if text is None:
                boxes[-1].bottom = tops[number + 1]
            else:
                boxes.append(
                    Box(x0, tops[number], x0 + width, tops[number + 1], lines(text, x0, tops[number]) if text else [])
                )
    return RuledTable(boxes)


def joined(first: list[list[str | None]], second: list[list[str | None]], widths: list[float]) -> list[list[str]]:
    grown = Grown(piece(first, widths), 1)
    grown.append(piece(second, widths), 2)
    rows = [["" for _ in widths] for _ in range(grown.rows)]
    for cell in grown.cells():
        for row in range(cell.row, cell.row + cell.row_span):
            rows[row - 1][cell.column - 1] = cell.text
    return rows


WIDE = [60.0, 110.0, 80.0, 40.0]
HEAD: list[str | None] = ["级别", "指标", "目标", "得分"]


def test_the_rest_of_a_sentence_is_glued_without_a_gap() -> None:
    rows = joined(
        [HEAD, ["产出", "甲乙丙丁戊己庚辛壬癸\n子丑寅卯辰巳午未申酉", "10", "9"]], [["", "戌亥", "", ""]], WIDE
    )
    assert rows[1] == ["产出", "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥", "10", "9"]
    assert len(rows) == 2


def test_a_full_new_row_is_never_glued() -> None:
    rows = joined([HEAD, ["产出", "甲乙丙丁戊己庚辛壬癸", "10", "9"]], [["效益", "子丑寅卯", "20", "8"]], WIDE)
    assert [row[1] for row in rows] == ["指标", "甲乙丙丁戊己庚辛壬癸", "子丑寅卯"]


def test_two_numbers_under_each_other_stay_two() -> None:
    rows = joined([["得分", "10"]], [["合计", "20"]], [60.0, 24.0])
    assert rows == [["得分", "10"], ["合计", "20"]]


def test_a_merged_level_goes_on_over_the_page_end_and_a_new_one_does_not() -> None:
    first: list[list[str | None]] = [HEAD, ["产出", "甲", "1", "1"], [None, "乙", "2", "2"]]
    assert [row[0] for row in joined(first, [["", "丙", "3", "3"], [None, "丁", "4", "4"]], WIDE)] == [
        "级别",
        *["产出"] * 4,
    ]
    assert [row[0] for row in joined(first, [["效益", "丙", "3", "3"], [None, "丁", "4", "4"]], WIDE)] == [
        "级别", "产出", "产出", "效益", "效益",
    ]  # fmt: skip


def test_a_repeated_header_is_dropped_and_a_lone_repeated_value_is_not() -> None:
    assert len(joined([HEAD, ["产出", "甲", "1", "1"]], [HEAD, ["产出", "乙", "2", "2"]], WIDE)) == 3
    assert (
        len(joined([HEAD, ["产出", "甲", "1", "1"]], [["产出", "甲", "1", "1"], ["效益", "乙", "2", "2"]], WIDE)) == 4
    )


def test_a_blank_row_stays_a_row_of_its_own() -> None:
    assert len(joined([HEAD, ["产出", "甲", "1", "1"]], [["", "", "", ""], ["效益", "乙", "2", "2"]], WIDE)) == 4


def test_glued_and_carried_cells_are_marked_and_keep_their_first_page() -> None:
    grown = Grown(piece([HEAD, ["产出", "甲乙丙丁戊己庚辛壬癸\n子丑寅卯辰巳午未申酉", "10", "9"]], WIDE), 1)
    grown.append(piece([["", "戌亥", "", ""], ["", "丙", "3", "3"]], WIDE), 2)
    marked = {cell.text[:2]: (cell.flags, cell.page) for cell in grown.cells() if cell.flags}
    assert marked["甲乙"] == ((CellFlag.GLUED,), 1)


def test_a_table_with_other_walls_is_another_table() -> None:
    grown = Grown(piece([HEAD], WIDE), 1)
    assert grown.fits(piece([HEAD], WIDE))
    assert not grown.fits(piece([HEAD], [60.0, 110.0, 80.0, 60.0]))


def test_wrapped_lines_of_a_cell_are_joined_and_ended_lines_are_kept() -> None:
    assert box_text(lines("500.55万\n元", 0, 0), 0, 82) == "500.55万元"
    assert box_text(lines("500.55万\n元", 0, 0), 0, 160) == "500.55万\n元"  # there was room: the line ended on purpose


def test_a_character_printed_twice_for_boldness_is_read_once() -> None:
    glyphs = [
        Glyph("绩", 0, 0, 10, 10),
        Glyph("绩", 0.4, 0, 10.4, 10),
        Glyph("效", 10, 0, 20, 10),
        Glyph("1", 20, 0, 25, 10),
        Glyph("1", 25, 0, 30, 10),
    ]
    assert [line.text for line in lines_of(glyphs)] == ["绩效11"]
