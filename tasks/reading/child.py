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
from pathlib import Path
from typing import Any, BinaryIO

from tasks.reading.errors import Unreadable, sentence
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
    if not ocr:  # text recognition needs threads
        resource.setrlimit(resource.RLIMIT_NPROC, (0, resource.getrlimit(resource.RLIMIT_NPROC)[1]))
    _allow_seconds(limits.wall_seconds)


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

            members = unpack(task.path, kind, Path(request["folder"]), request["depth"], limits)
            return {"kind": "archive", "format": kind, "members": [member.model_dump() for member in members]}
        return {"kind": "document", "format": kind, "document": parse_document(task, kind).model_dump(mode="json")}
    except Unreadable as error:
        return {"kind": "error", "format": kind, "code": error.code, "message": error.error().message}
    except MemoryError:
        return {"kind": "error", "format": kind, "code": "memory", "message": sentence("memory")}
    except RecursionError:
        return {"kind": "error", "format": kind, "code": "suspicious", "message": sentence("suspicious", "嵌套过深")}
    except BaseException as error:  # noqa: BLE001 - calamine panics are BaseExceptions; one bad file is one answer
        detail = type(error).__name__
        return {"kind": "error", "format": kind, "code": "damaged", "message": sentence("damaged", detail)}


def _send(pipe: BinaryIO, answer: dict[str, Any], limits: ReadLimits) -> None:
    data = json.dumps(answer, ensure_ascii=False).encode("utf-8", "replace")
    if len(data) > limits.result_bytes:
        message = sentence("result-too-large", f"{len(data) >> 20}MB")
        data = json.dumps({"kind": "error", "format": None, "code": "result-too-large", "message": message}).encode()
    pipe.write(FRAME.pack(len(data)) + data)
    pipe.flush()


if __name__ == "__main__":
    main()
