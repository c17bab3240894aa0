"""Table rows read under their headers (表格行列): each row as a mapping from header text to cell."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from models.document import Cell, Document, Source, Table
from models.statements.text import clean, shortened

# Words that make a cell a column header in the forms of all provinces seen so far.
_HEADER = re.compile(
    r"^(?:[一二三]级指标|项目名称|项目金额|(?:预期|实际完成)?指标值.*|实际完成.*值.*|(?:自评)?完成值|完成情况|权重|分值|指标分值|得分|自评得分|自评结果|评价得分|备注|原因.*|.*执行率|"
    r"年初预算数?|调整后?预算数?|全年预算数|.*执行数|资金结余.*|结余.*|指标性质|度量单位|年度指标值|目标制定|目标实现|支出控制|及时处置|执行进度|预算完成|违规记录|"
    r"项目实施内容.*|未完成原因.*|偏差原因.*|指标解释|计分标准|评分标准|单价|数量|金额.*|资金总额|财政拨款|其他资金)$"
)


@dataclass(frozen=True)
class Row:
    """One table row (表格行). ``fields`` maps the header above each cell to the cell; ``cells`` are left to right."""

    table: int
    row: int
    cells: tuple[Cell, ...]
    fields: dict[str, Cell] = field(default_factory=dict)
    source: Source = field(default_factory=Source)

    @property
    def texts(self) -> tuple[str, ...]:
        """The cleaned texts (各格文字)."""
        return tuple(clean(cell.text) for cell in self.cells)

    @property
    def quote(self) -> str:
        """The row as one line, its own cells side by side, closed by a full stop (整行文字).

        Cells merged over several rows only group them and are left out, unless little else remains.
        """
        own = [clean(cell.text) for cell in self.cells if cell.row_span == 1]
        shown = [text for text in own if text]
        return shortened(" ".join(shown if len(shown) > 1 else [text for text in self.texts if text]), 199) + "。"

    def under(self, pattern: str) -> str | None:
        """The text of the first field whose header matches ``pattern`` (按表头取值), or None."""
        for header, cell in self.fields.items():
            if re.search(pattern, header):
                return clean(cell.text)
        return None


def _is_header(texts: list[str]) -> bool:
    named = [text for text in texts if text]
    return len([text for text in named if _HEADER.match(text)]) >= 3


def rows(document: Document) -> tuple[Row, ...]:
    """All rows of all tables (全部表格行) that are not headers, each under the header row last seen."""
    found: list[Row] = []
    for table in document.tables():
        found.extend(_table_rows(table))
    return tuple(found)


def _table_rows(table: Table) -> list[Row]:
    grid = table.owners()
    header: dict[int, str] = {}
    found: list[Row] = []
    for index, line in enumerate(grid, start=1):
        owners: list[Cell] = []
        for owner in line:
            if owner is not None and (not owners or owners[-1] is not owner):
                owners.append(owner)
        if _is_header([clean(cell.text) for cell in owners if cell.row_span == 1 or cell.row == index]):
            header = {place + 1: clean(owner.text) for place, owner in enumerate(line) if owner is not None}
            continue
        fields: dict[str, Cell] = {}
        for owner in owners:
            label = header.get(owner.column)
            if label:
                fields.setdefault(label, owner)
        source = Source(page=table.place.page, sheet=table.place.sheet, table=table.number, row=index)
        if owners:
            source = owners[0].place.model_copy(update={"row": index, "column": None, "quote": None})
        found.append(Row(table=table.number, row=index, cells=tuple(owners), fields=fields, source=source))
    return found
