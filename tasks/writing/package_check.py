"""What a workbook must be like before it is opened (打开前的检查): small enough, and nothing in it that never ends.

openpyxl walks every cell of a merged or linked range and keeps every cell in memory; a file of one kilobyte can ask for
seventeen thousand million of them. All parts are therefore looked at first, with a parser that expands nothing.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib

from lxml import etree
from openpyxl.utils import column_index_from_string

MOST_BYTES, MOST_UNPACKED, MOST_MEMBERS = 10_000_000, 12_000_000, 500
MOST_ROWS, MOST_COLUMNS, MOST_CELLS = 5_000, 400, 200_000
_RANGE = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})(?::\$?([A-Z]{1,3})\$?(\d{1,7}))?")
_RANGED = {"mergeCell", "hyperlink", "f"}


class UnreadableWorkbookError(ValueError):
    """A workbook that cannot be opened (无法打开的工作簿): a Chinese sentence that says why and what to do."""


DAMAGED = "工作簿已损坏，无法打开，请在Excel或WPS中另存为xlsx后重新提交。"
TOO_LARGE = "工作簿过大，请删除图片、多余的行列和合并区域后重新提交。"
FORBIDDEN = "工作簿含有不允许的内容，请使用系统发出的工作簿填写后提交。"


def check_package(content: bytes) -> None:
    """Refuse what is no workbook, too large or built to harm (检查工作簿). Raises UnreadableWorkbookError."""
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise UnreadableWorkbookError("文件是加密的工作簿或者旧的xls格式，请取消密码并另存为xlsx后重新提交。")
    if not content.startswith(b"PK"):
        raise UnreadableWorkbookError("文件不是xlsx工作簿，请使用系统发出的工作簿填写后提交。")
    if len(content) > MOST_BYTES:
        raise UnreadableWorkbookError(TOO_LARGE)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            members = package.infolist()
            # zipfile never unpacks more of a member than the size it declares.
            if len(members) > MOST_MEMBERS or sum(member.file_size for member in members) > MOST_UNPACKED:
                raise UnreadableWorkbookError(TOO_LARGE)
            cells = 0
            for member in members:
                if member.filename.endswith((".xml", ".rels", ".vml")):
                    cells += _checked_part(package.read(member))
                if cells > MOST_CELLS:
                    raise UnreadableWorkbookError(TOO_LARGE)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, NotImplementedError) as error:
        raise UnreadableWorkbookError(DAMAGED) from error


def _checked_part(data: bytes) -> int:
    """Look at one part (检查部件) and give the number of cells in it."""
    cells = 0
    try:
        parser = etree.iterparse(io.BytesIO(data), events=("end",), resolve_entities=False, no_network=True)
        for _, node in parser:
            name = etree.QName(node).localname if isinstance(node.tag, str) else ""
            cells += name == "c"
            if name in _RANGED and _too_wide(node.get("ref", "")):
                raise UnreadableWorkbookError(TOO_LARGE)
            if name == "row" or name == "si":
                node.clear()
            if cells > MOST_CELLS:
                return cells
        if parser.root is not None and parser.root.getroottree().docinfo.doctype:
            # A document type declaration has no place in a workbook and is how entity bombs are built.
            raise UnreadableWorkbookError(FORBIDDEN)
    except etree.XMLSyntaxError as error:
        raise UnreadableWorkbookError(DAMAGED) from error
    return cells


def _too_wide(reference: str) -> bool:
    found = _RANGE.fullmatch(reference)
    if not found:
        # Not a range of this kind: openpyxl refuses it by itself.
        return False
    left, top, right, bottom = found.groups()
    if right is None or bottom is None:
        return False
    width = column_index_from_string(right) - column_index_from_string(left) + 1
    height = int(bottom) - int(top) + 1
    return bool(abs(width) * abs(height) > MOST_CELLS)
