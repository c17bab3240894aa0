"""What a file is (文件类型识别), told by its content; the name is only asked where the content cannot tell."""

from __future__ import annotations

import zipfile
from pathlib import Path, PurePath

import olefile

from tasks.reading.errors import UnreadableError

_IMAGES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*", b"BM")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HEAD = 4096


def sniff(path: Path, name: str) -> str:
    """The format of a file (文件格式): docx, pdf, doc, wps, xlsx, xlsb, xls, zip, 7z, rar or image.

    Raises UnreadableError with the code ``empty``, ``encrypted``, ``ofd``, ``rtf``, ``html``, ``old-wps``, ``damaged`` or
    ``unknown-format`` for everything else.
    """
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
    if not head.strip(b"\x00\t\r\n "):
        raise UnreadableError("empty")
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_kind(path)
    if head.startswith(_OLE):
        return _ole_kind(path, name)
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if head.startswith(b"Rar!\x1a\x07"):
        return "rar"
    if head.startswith(b"7z\xbc\xaf\x27\x1c"):
        return "7z"
    if head.startswith(_IMAGES):
        return "image"
    raise _refusal(head, name)


def likely_format(name: str) -> str:
    """The format a name promises (按文件名推测的格式), for a file whose reader died before it could tell."""
    return PurePath(name).suffix.lower().lstrip(".") or "unknown"


def _refusal(head: bytes, name: str) -> UnreadableError:
    start = head.lstrip(b"\xef\xbb\xbf\r\n\t ")[:512].lower()
    if start.startswith(b"{\\rtf"):
        return UnreadableError("rtf")
    if start.startswith((b"<!doctype html", b"<html", b"mime-version", b"<meta")) or b"<html" in start:
        return UnreadableError("html")
    suffix = PurePath(name).suffix.lower()
    if suffix == ".wps":
        return UnreadableError("old-wps")
    if head[:2] in (b"\xdb\xa5", b"\x31\xbe", b"\x9b\xa5", b"\xfe7"):  # Word 2.x, Write, Word for DOS
        return UnreadableError("old-word")
    if suffix in {".docx", ".xlsx", ".pdf", ".doc", ".xls", ".zip", ".rar", ".7z"}:
        return UnreadableError("damaged", f"内容不是{suffix[1:]}文件")
    return UnreadableError("unknown-format", f"（扩展名{suffix}）" if suffix else "")


def _zip_kind(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
    except (zipfile.BadZipFile, EOFError, OSError, ValueError, NotImplementedError) as error:
        raise UnreadableError("damaged", "文件包目录不完整") from error
    names = {info.filename.lstrip("/") for info in infos}
    if "[Content_Types].xml" in names or any(name.startswith(("word/", "xl/")) for name in names):
        if any(name.startswith("word/") for name in names):
            return "docx"
        if "xl/workbook.bin" in names:
            return "xlsb"
        if any(name.startswith("xl/") for name in names):
            return "xlsx"
        if any(name.startswith("ppt/") for name in names):
            raise UnreadableError("unknown-format", "（演示文稿）")
    if "OFD.xml" in names:
        raise UnreadableError("ofd")
    if "mimetype" in names and "content.xml" in names:
        raise UnreadableError("unknown-format", "（OpenDocument格式）")
    if not names:
        raise UnreadableError("empty")
    return "zip"


def _ole_kind(path: Path, name: str) -> str:
    try:
        with olefile.OleFileIO(path) as ole:
            streams = {"/".join(entry).lower() for entry in ole.listdir()}
    except (OSError, ValueError, IndexError, TypeError, AttributeError, OverflowError) as error:
        raise UnreadableError("damaged", "复合文档目录不完整") from error
    if "encryptedpackage" in streams:
        raise UnreadableError("encrypted")
    if "worddocument" in streams:
        return "wps" if PurePath(name).suffix.lower() == ".wps" else "doc"
    if streams & {"workbook", "book"}:
        return "xls"
    raise UnreadableError("unknown-format", "（复合文档，但不是Word或Excel文件）")
