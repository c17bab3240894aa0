"""Documents for tests, drawn as text: one string a row, ``|`` between cells, ``<`` merged left, ``^`` merged up."""

from __future__ import annotations

from models.document import Block, Cell, Document, FileIdentity, Paragraph, Source, Table


def table(drawing: str, number: int = 1) -> Table:
    """A table from a drawing; a cell ``\\n`` is a line break inside the cell."""
    rows = [[cell.strip() for cell in line.strip().split("|")] for line in drawing.strip().splitlines()]
    width = max(len(row) for row in rows)
    for row in rows:
        row.extend([""] * (width - len(row)))
    taken: dict[tuple[int, int], dict] = {}
    for r, row in enumerate(rows, start=1):
        for c, text in enumerate(row, start=1):
            if text == "<":
                owner = taken[r, c - 1]
                owner["column_span"] = max(owner["column_span"], c - owner["column"] + 1)
                taken[r, c] = owner
            elif text == "^":
                owner = taken[r - 1, c]
                owner["row_span"] = max(owner["row_span"], r - owner["row"] + 1)
                taken[r, c] = owner
            else:
                place = Source(table=number, row=r, column=c)
                printed = text.replace("\\n", "\n")
                taken[r, c] = {"row": r, "column": c, "row_span": 1, "column_span": 1, "text": printed, "place": place}
    owners = list({id(owner): owner for owner in taken.values()}.values())
    return Table(
        number=number,
        rows=len(rows),
        columns=width,
        cells=tuple(Cell(**owner) for owner in owners),
        place=Source(table=number),
    )


def document(*parts: str | Table) -> Document:
    """A document of paragraphs (strings) and tables, in order."""
    blocks: list[Block] = []
    paragraphs = 0
    for part in parts:
        if isinstance(part, Table):
            blocks.append(part)
            continue
        for line in part.strip().splitlines():
            paragraphs += 1
            blocks.append(Paragraph(text=line.strip(), place=Source(paragraph=paragraphs)))
    return Document(file=FileIdentity(name="试.docx", sha256="0" * 64, format="docx"), blocks=tuple(blocks))
