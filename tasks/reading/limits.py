"""How much a file may demand before it is refused (读取上限), as measured on honest and hostile files."""

from __future__ import annotations

from models.document import Frozen

MIB = 1024 * 1024


class ReadLimits(Frozen):
    """Bounds on one file (单个文件的读取上限).

    Sizes in bytes, times in seconds, counts as counts. The defaults leave honest reports several times the room they
    were seen to need (the largest honest compression ratio was 80, bombs start at 400; five reports have 126 pages).
    """

    file_bytes: int = 50 * MIB
    # packages and archives
    members: int = 2000
    unpacked_bytes: int = 300 * MIB
    part_bytes: int = 64 * MIB
    ratio: int = 150
    ratio_floor: int = 200 * 1024
    archive_depth: int = 2
    archive_documents: int = 200
    # Word
    elements: int = 500_000
    table_rows: int = 2000
    table_cells: int = 200_000
    span: int = 63
    nesting: int = 8
    # workbooks
    sheet_rows: int = 20_000
    sheet_columns: int = 256
    sheets: int = 100
    # PDF and scans
    pages: int = 500
    edges: int = 1500
    page_characters: int = 60_000
    pixels: int = 25_000_000
    ocr_dpi: int = 200
    # the child process
    address_space: int = 3 * 1024 * MIB
    ocr_address_space: int = 6 * 1024 * MIB
    wall_seconds: float = 60.0
    ocr_seconds_per_page: float = 30.0  # 5 s on an idle machine
    result_bytes: int = 64 * MIB
    converter_seconds: float = 60.0


DEFAULT_LIMITS = ReadLimits()
