"""LibreOffice as the second reader for old Word files (旧版Word备用转换), where it is installed. One run, own profile, no network."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from tasks.reading.errors import UnreadableError
from tasks.reading.limits import ReadLimits


def converter() -> str | None:
    """The LibreOffice program (转换程序), None where there is none."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def to_docx(path: Path, folder: Path, limits: ReadLimits, reason: str) -> Path:
    """Convert an old Word file to .docx in ``folder`` (转换为docx).

    ``reason`` says why our own reader gave up. Raises UnreadableError ``legacy-unreadable`` where LibreOffice is missing
    or fails too. The result is as untrusted as the file it came from.
    """
    program = converter()
    if program is None:
        raise UnreadableError("legacy-unreadable", f"{reason}；本机未安装LibreOffice，无法转换")
    source = folder / "source.doc"
    shutil.copyfile(path, source)
    with tempfile.TemporaryDirectory(prefix="jixiao-office-") as profile:
        command = [
            program,
            "--headless",
            "--norestore",
            f"-env:UserInstallation=file://{profile}/user",
            "--convert-to",
            "docx",
            "--outdir",
            str(folder),
            str(source),
        ]
        process = subprocess.Popen(
            [*_without_network(), *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={"PATH": os.environ.get("PATH", ""), "HOME": profile, "LANG": "C.UTF-8"},
            start_new_session=True,
        )
        try:
            process.wait(limits.converter_seconds)
        except subprocess.TimeoutExpired as error:
            raise UnreadableError("legacy-unreadable", f"{reason}；转换超过{limits.converter_seconds:.0f}秒") from error
        finally:
            _end(process)
    result = folder / "source.docx"
    if not result.is_file():
        raise UnreadableError("legacy-unreadable", f"{reason}；LibreOffice也无法打开")
    return result


def _without_network() -> list[str]:
    """Run without a network where the system lets us (隔离网络): only root may without further ado."""
    unshare = shutil.which("unshare")
    if unshare is None or os.geteuid() != 0:
        return []
    works = subprocess.run([unshare, "-n", "true"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return [unshare, "-n", "--"] if works.returncode == 0 else []


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    finally:
        process.wait()
