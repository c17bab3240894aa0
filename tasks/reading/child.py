"""The process that touches strangers' files (读取子进程): ``python -m tasks.reading.child``, started by the sandbox.

Takes one JSON request a line on standard input; answers frames of 8 bytes length and JSON on the pipe that was its
standard output. Ends when its input ends, so it never outlives the process that started it.
"""

from __future__ import annotations

import json
import os
import resource
import struct
import sys
import traceback
from pathlib import Path
from typing import Any, BinaryIO

from models.document import Document
from tasks.reading.errors import UnreadableError, sentence
from tasks.reading.limits import ReadLimits
from tasks.reading.parse import ARCHIVES, Request, kind_of, parse_document

FRAME = struct.Struct(">Q")


def main() -> None:
    """Serve requests until the input ends (子进程主循环)."""
    # Libraries print: keep the pipe for answers and send their words nowhere.
    pipe = os.fdopen(os.dup(1), "wb")
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), 1)
    for line in sys.stdin.buffer:
        request = json.loads(line)
        limits = ReadLimits.model_validate(request["limits"])
        _confine(limits, bool(request["ocr"]))
        _send(pipe, _answer(request, limits, pipe), limits)


def _confine(limits: ReadLimits, ocr: bool) -> None:
    """Put the kernel's limits on this process (内核限制): memory, processor time, file size, no new processes."""
    space = limits.ocr_address_space if ocr else limits.address_space
    for what, most in (
        (resource.RLIMIT_AS, space),
        (resource.RLIMIT_FSIZE, limits.unpacked_bytes),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(what)
        resource.setrlimit(what, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
    if ocr:  # text recognition needs threads
        _allow_processes()
    else:
        resource.setrlimit(resource.RLIMIT_NPROC, (0, resource.getrlimit(resource.RLIMIT_NPROC)[1]))
    _allow_seconds(limits.wall_seconds)


def _allow_processes() -> None:
    hard = resource.getrlimit(resource.RLIMIT_NPROC)[1]
    resource.setrlimit(resource.RLIMIT_NPROC, (hard, hard))


def _allow_seconds(seconds: float) -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    spent = used.ru_utime + used.ru_stime
    cores = os.cpu_count() or 1
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(spent + seconds * cores) + 5, hard))


def _answer(request: dict[str, Any], limits: ReadLimits, pipe: BinaryIO) -> dict[str, Any]:
    def progress(page: int, pages: int) -> None:
        if page == 1:
            _allow_seconds(limits.wall_seconds + pages * limits.ocr_seconds_per_page)
        _send(pipe, {"kind": "progress", "page": page, "pages": pages}, limits)

    task = Request(Path(request["path"]), request["name"], request["ocr"], limits, progress)
    kind: str | None = None
    try:
        kind = kind_of(task)
        if kind in ARCHIVES:
            from tasks.reading.archive import unpack

            if kind != "zip":  # unpacked by another program, or by threads
                _allow_processes()
            everything = bool(request.get("everything"))
            members = unpack(task.path, kind, Path(request["folder"]), request["depth"], limits, everything=everything)
            return {"kind": "archive", "format": kind, "members": [member.model_dump() for member in members]}
        document = parse_document(task, kind)
        answer = {"kind": "document", "format": kind, "document": document.model_dump_json()}
        return answer | ({"facts": _facts(document)} if request["understand"] else {})
    except UnreadableError as error:
        return _failure(kind, error.code, error.detail)
    except MemoryError:
        return _failure(kind, "memory")
    except RecursionError:
        return _failure(kind, "suspicious", "嵌套过深")
    except ImportError as error:  # our own fault, never the file's
        return _failure(kind, "reader-failed", f"缺少组件{error.name}")
    except BaseException as error:  # noqa: BLE001 - calamine panics are BaseExceptions; one bad file is one answer
        return _failure(kind, "damaged", type(error).__name__)


def _failure(kind: str | None, code: str, detail: str = "") -> dict[str, Any]:
    return {"kind": "error", "format": kind, "code": code, "message": sentence(code, detail), "detail": detail}


def _facts(document: Document) -> str:
    """Interpret here too: it uses all cores, and text that makes a pattern run for ever ends with the child."""
    from tasks.read_report import facts_of

    try:
        return facts_of(document).model_dump_json()
    except MemoryError:
        raise
    except Exception as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{type(error).__name__}，{Path(last.filename).name}第{last.lineno}行"
        raise UnreadableError("not-understood", where) from error


def _send(pipe: BinaryIO, answer: dict[str, Any], limits: ReadLimits) -> None:
    data = json.dumps(answer, ensure_ascii=False).encode("utf-8", "replace")
    if len(data) > limits.result_bytes:
        message = sentence("result-too-large", f"{len(data) >> 20}MB")
        data = json.dumps({"kind": "error", "format": None, "code": "result-too-large", "message": message}).encode()
    pipe.write(FRAME.pack(len(data)) + data)
    pipe.flush()


if __name__ == "__main__":
    main()
