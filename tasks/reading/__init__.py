"""From whatever a department sends to a Document (报送文件读取): formats end here, nothing after knows them.

``read_file`` and ``read_files`` never raise for a bad file: what went wrong is in the ``Reading``.
"""

from __future__ import annotations

import os
import tempfile
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.document import Document, FileIdentity, Frozen
from models.facts import ReadError, ReportFacts
from tasks.reading.errors import UnreadableError
from tasks.reading.legacy import to_docx
from tasks.reading.limits import DEFAULT_LIMITS, ReadLimits
from tasks.reading.parse import digest, parse
from tasks.reading.sandbox import Pool, shared_pool
from tasks.reading.sniff import likely_format

__all__ = [
    "DEFAULT_LIMITS",
    "MemberError",
    "ReadLimits",
    "Reading",
    "UnreadableError",
    "digest",
    "open_archive",
    "parse",
    "read_file",
    "read_files",
]


class MemberError(Frozen):
    """A file inside an archive that could not be read (压缩包内读取失败的文件)."""

    identity: FileIdentity
    error: ReadError


class Reading(Frozen):
    """What came of reading one file (读取结果): one document, or several from an archive, or the error."""

    identity: FileIdentity
    documents: tuple[Document, ...] = ()
    facts: tuple[ReportFacts, ...] = ()  # one for each document, where they were asked for
    error: ReadError | None = None
    member_errors: tuple[MemberError, ...] = ()


def read_file(
    path: Path,
    *,
    name: str | None = None,
    ocr: bool = False,
    limits: ReadLimits = DEFAULT_LIMITS,
    understand: bool = False,
) -> Reading:
    """Read one file in a child process (读取文件).

    ``name`` is the name the department gave it (a label, never a path); ``ocr`` allows recognising scanned pages;
    ``understand`` has the child interpret and check what it read as well. Never raises for what is in the file.
    """
    return _read(path, name or path.name, _Job(shared_pool(), ocr, understand, limits), 0)


def read_files(
    paths: Iterable[Path],
    *,
    ocr: bool = False,
    limits: ReadLimits = DEFAULT_LIMITS,
    understand: bool = False,
    workers: int | None = None,
) -> Iterator[Reading]:
    """Read many files with all cores (批量读取).

    Readings come in the order of ``paths``; a bad file is one bad reading and leaves the others alone.
    """
    count = workers or os.cpu_count() or 1
    waiting: deque[Future[Reading]] = deque()
    with ThreadPoolExecutor(count, thread_name_prefix="reading") as threads:
        for path in paths:
            waiting.append(threads.submit(read_file, path, ocr=ocr, limits=limits, understand=understand))
            while len(waiting) > 2 * count:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def open_archive(content: bytes, name: str, limits: ReadLimits) -> list[tuple[str, bytes | ReadError]]:
    """All files of an archive, unpacked in a child process (解压): labels with contents, or why one could not be read.

    Nested archives are files like others. Raises UnreadableError for the archive as a whole.
    """
    with tempfile.TemporaryDirectory(prefix="jixiao-unpack-") as folder:
        packed = Path(folder) / "packed"
        packed.write_bytes(content)
        request = {"path": str(packed), "name": name, "ocr": False, "understand": False, "folder": folder, "depth": 0}
        answer = shared_pool().ask(request | {"everything": True, "limits": limits.model_dump()}, limits)
        if answer["kind"] != "archive":
            raise UnreadableError(answer.get("code", "damaged"), answer.get("detail", ""))
        return [
            (m["name"], ReadError.model_validate(m["error"]) if m["error"] else (Path(folder) / m["file"]).read_bytes())
            for m in answer["members"]
        ]


@dataclass(frozen=True)
class _Job:
    """How files are to be read (读取方式)."""

    pool: Pool
    ocr: bool
    understand: bool
    limits: ReadLimits


def _read(path: Path, name: str, job: _Job, depth: int) -> Reading:
    unknown = FileIdentity(name=name, sha256="", format=likely_format(name))
    try:
        identity = unknown.model_copy(update={"sha256": digest(path)})
    except OSError:
        return Reading(identity=unknown, error=UnreadableError("missing-file", name).error())
    with tempfile.TemporaryDirectory(prefix="jixiao-read-") as folder:
        request = {
            "path": str(path.resolve()),
            "name": name,
            "ocr": job.ocr,
            "understand": job.understand,
            "limits": job.limits.model_dump(),
            "folder": folder,
            "depth": depth,
        }
        try:
            answer = job.pool.ask(request, job.limits)
            if answer.get("code") == "legacy-unreadable":
                answer = _converted(path, Path(folder), request, answer, job)
        except UnreadableError as error:
            return Reading(identity=identity, error=error.error())
        if answer.get("format"):
            identity = identity.model_copy(update={"format": answer["format"]})
        match answer["kind"]:
            case "document":
                return _document(answer, identity)
            case "archive":
                return _read_members(identity, Path(folder), answer["members"], job, depth)
            case _:
                return Reading(identity=identity, error=ReadError(code=answer["code"], message=answer["message"]))


def _document(answer: dict[str, Any], identity: FileIdentity) -> Reading:
    """The reading of a single file (单个文件的读取结果), models made from the child's JSON."""
    document = Document.model_validate_json(answer["document"])
    facts = [ReportFacts.model_validate_json(answer["facts"])] if "facts" in answer else []
    note = answer.get("note")
    if note:  # read after conversion: it is still the file that was sent
        document = document.model_copy(update={"file": identity, "warnings": (*document.warnings, note)})
        facts = [one.model_copy(update={"file": identity, "warnings": (*one.warnings, note)}) for one in facts]
    return Reading(identity=document.file, documents=(document,), facts=tuple(facts))


def _converted(path: Path, folder: Path, request: dict[str, Any], answer: dict[str, Any], job: _Job) -> dict[str, Any]:
    """Read an old Word file by way of LibreOffice (转换后读取). Raises UnreadableError where that fails too."""
    converted = to_docx(path, folder, job.limits, answer["detail"])
    second = job.pool.ask(request | {"path": str(converted)}, job.limits)
    note = "文件内部结构特殊，经LibreOffice转换后读取，请核对原文。"
    return second | {"format": answer["format"], "note": note}


def _read_members(
    identity: FileIdentity, folder: Path, members: list[dict[str, Any]], job: _Job, depth: int
) -> Reading:
    """Read each file of an unpacked archive in its own turn (逐个读取压缩包内的文件)."""
    documents: list[Document] = []
    facts: list[ReportFacts] = []
    errors: list[MemberError] = []
    for member in members:
        if member["error"] is not None:
            unread = FileIdentity(name=member["name"], sha256="", format=likely_format(member["name"]))
            errors.append(MemberError(identity=unread, error=ReadError.model_validate(member["error"])))
            continue
        reading = _read(folder / member["file"], member["name"], job, depth + 1)
        documents += reading.documents
        facts += reading.facts
        errors += reading.member_errors
        if reading.error is not None and not reading.member_errors:
            errors.append(MemberError(identity=reading.identity, error=reading.error))
    error = None
    if not documents:
        error = _only_error(errors) if errors else UnreadableError("archive-empty").error()
    return Reading(
        identity=identity,
        documents=tuple(documents),
        facts=tuple(facts),
        error=error,
        member_errors=tuple(errors),
    )


def _only_error(errors: list[MemberError]) -> ReadError:
    """The error of an archive none of whose files could be read (压缩包内全部读取失败)."""
    first = errors[0]
    if len(errors) == 1:
        return ReadError(code=first.error.code, message=f"压缩包内“{first.identity.name}”：{first.error.message}")
    listed = "；".join(f"“{item.identity.name}”：{item.error.message}" for item in errors[:5])
    return ReadError(code="archive-unreadable", message=f"压缩包内的{len(errors)}个文件都没有读出。{listed}")
