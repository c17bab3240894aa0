"""One file to Documents in this very process (本进程内读取): what the child process runs, and what tests call."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from models.document import Document, FileIdentity
from tasks.reading.build import DocumentBuilder
from tasks.reading.errors import UnreadableError
from tasks.reading.limits import DEFAULT_LIMITS, ReadLimits
from tasks.reading.sniff import sniff

ARCHIVES = frozenset({"zip", "7z", "rar"})
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Request:
    """What to read and how (读取请求). ``progress`` is told (page, pages) before each page of a scan."""

    path: Path
    name: str
    ocr: bool = False
    limits: ReadLimits = DEFAULT_LIMITS
    progress: Progress | None = None


def digest(path: Path) -> str:
    """The sha256 of a file (文件摘要)."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def kind_of(request: Request) -> str:
    """The format of the file (文件格式), after checking that it may be opened at all. Raises UnreadableError."""
    if not request.path.is_file():
        raise UnreadableError("missing-file", request.name)
    size = request.path.stat().st_size
    if size > request.limits.file_bytes:
        raise UnreadableError("too-large", f"{size / (1 << 20):.0f}MB，上限{request.limits.file_bytes >> 20}MB")
    return sniff(request.path, request.name)


def parse_document(request: Request, kind: str) -> Document:
    """Read one file that is not an archive (读取单个文件). Raises UnreadableError."""
    builder = DocumentBuilder(request.limits)
    pages: int | None = None
    used_ocr = False
    # Each reader is imported when it is needed: a child that reads Word files never loads the PDF libraries.
    match kind:
        case "docx":
            from tasks.reading.docx import read_docx

            read_docx(request.path, builder, request.limits)
        case "pdf":
            from tasks.reading.pdf import read_pdf

            pages, used_ocr = read_pdf(request.path, builder, request.limits, request.ocr, request.progress)
        case "doc" | "wps":
            from tasks.reading.doc import read_doc

            read_doc(request.path, builder, request.limits)
        case "xlsx":
            from tasks.reading.workbook import read_xlsx

            read_xlsx(request.path, builder, request.limits)
        case "xls" | "xlsb":
            from tasks.reading.old_workbook import read_xls

            read_xls(request.path, builder, request.limits)
        case "image":
            from tasks.reading.scan import read_image

            pages, used_ocr = 1, True
            read_image(request.path, builder, request.limits, request.ocr, request.progress)
        case _:
            raise UnreadableError("unknown-format")
    identity = FileIdentity(name=request.name, sha256=digest(request.path), format=kind, pages=pages, ocr=used_ocr)
    return builder.document(identity)


def parse(
    path: Path, *, name: str | None = None, ocr: bool = False, limits: ReadLimits = DEFAULT_LIMITS
) -> list[Document]:
    """Read a file, or all files of an archive, without a child process (进程内读取).

    For trusted files and tests: a hostile file can end the process. Raises UnreadableError for the first bad file.
    """
    return _parse(Request(path, name or path.name, ocr, limits), 0)


def _parse(request: Request, depth: int) -> list[Document]:
    kind = kind_of(request)
    if kind not in ARCHIVES:
        return [parse_document(request, kind)]
    from tasks.reading.archive import unpack

    documents: list[Document] = []
    with tempfile.TemporaryDirectory(prefix="jixiao-read-") as folder:
        for member in unpack(request.path, kind, Path(folder), depth, request.limits):
            if member.error is not None:
                raise UnreadableError(member.error.code, member.name)
            inner = Request(Path(folder) / member.file, member.name, request.ocr, request.limits)
            documents += _parse(inner, depth + 1)
    return documents
