"""Archives (zip, 7z, rar) unpacked within bounds (压缩包): bytes to numbered files, names kept only as labels."""

from __future__ import annotations

import contextlib
import re
import shutil
import stat
import subprocess
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from models.document import Frozen
from models.facts import ReadError
from tasks.reading.errors import UnreadableError
from tasks.reading.limits import ReadLimits
from tasks.reading.xmlparts import check_directory, read_member

_LABEL = 200
_UNSEEN = re.compile("[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_WORD = (".docx", ".docm", ".doc", ".wps", ".rtf", ".htm", ".html", ".ofd", ".pdf")
_BOOKS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".et")
_OTHERS = (".zip", ".rar", ".7z", ".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp")
_ENDINGS = frozenset((*_WORD, *_BOOKS, *_OTHERS))
_Found = Iterator[tuple[str, bytes | UnreadableError]]
_Wanted = Callable[[str], bool]


class Member(Frozen):
    """A file from an archive (压缩包内文件): ``file`` is its name in the folder, ``name`` the label it came with."""

    name: str
    file: str = ""
    error: ReadError | None = None


def unpack(
    path: Path, kind: str, folder: Path, depth: int, limits: ReadLimits, *, everything: bool = False
) -> list[Member]:
    """Unpack an archive into ``folder`` (解压). Raises UnreadableError for the archive, not for one bad member.

    Only what may be a report, unless ``everything`` is wanted: then all files but the litter of operating systems.
    """
    wanted = is_no_litter if everything else _wanted
    if depth >= limits.archive_depth:
        raise UnreadableError("archive-too-deep", f"上限{limits.archive_depth}层")
    match kind:
        case "zip":
            found = _zip(path, limits, wanted)
        case "7z":
            found = _seven(path, limits, wanted)
        case "rar":
            found = _rar(path, limits, wanted)
        case _:
            raise UnreadableError("unknown-format", f"（{kind}）")
    members: list[Member] = []
    for name, content in found:
        if len(members) >= limits.archive_documents:
            raise UnreadableError("limit-exceeded", f"压缩包内的文件超过{limits.archive_documents}个")
        if isinstance(content, UnreadableError):
            members.append(Member(name=name, error=content.error()))
            continue
        file = f"{len(members):04d}.bin"
        (folder / file).write_bytes(content)
        members.append(Member(name=name, file=file))
    return members


def label(name: str) -> str:
    """A member's name as a label (文件名标签): no folders upwards, no control or direction characters, at most 200."""
    parts = [
        part for part in PurePosixPath(_UNSEEN.sub("", name).replace("\\", "/")).parts if part not in ("/", "..", ".")
    ]
    return unicodedata.normalize("NFC", "/".join(parts))[-_LABEL:] or "未命名"


def is_no_litter(name: str) -> bool:
    """Whether a member was put there by a person (非系统文件): not by an operating system or an office program."""
    parts = PurePosixPath(name.replace("\\", "/")).parts
    last = parts[-1] if parts else ""
    return "__MACOSX" not in parts and not last.startswith(("~$", "."))


def _wanted(name: str) -> bool:
    """Whether a member may be a report (可能是报告)."""
    return is_no_litter(name) and PurePosixPath(name.replace("\\", "/")).suffix.lower() in _ENDINGS


def zip_names(path: Path) -> list[str]:
    """The names in a zip (zip内文件名): Windows writes them in GBK without saying so."""
    try:
        with zipfile.ZipFile(path, metadata_encoding="gbk") as archive:
            return [info.filename for info in archive.infolist()]
    except UnicodeDecodeError:
        with zipfile.ZipFile(path) as archive:
            return [_recoded(info) for info in archive.infolist()]


def _recoded(info: zipfile.ZipInfo) -> str:
    if info.flag_bits & 0x800:
        return info.filename
    data = info.filename.encode("cp437", "replace")
    for encoding in ("utf-8", "gb18030"):
        with contextlib.suppress(UnicodeDecodeError):
            return data.decode(encoding)
    return data.hex()


def _large(size: int, limits: ReadLimits) -> UnreadableError:
    return UnreadableError("too-large", f"{size >> 20}MB，上限{limits.part_bytes >> 20}MB")


def _zip(path: Path, limits: ReadLimits, wanted: _Wanted) -> _Found:
    names = zip_names(path)
    with zipfile.ZipFile(path) as archive:
        infos = archive.infolist()
        check_directory(infos, limits)
        for name, info in zip(names, infos, strict=True):
            if info.is_dir() or stat.S_ISLNK(info.external_attr >> 16) or not wanted(name):
                continue
            try:
                yield label(name), read_member(archive, info)
            except UnreadableError as error:
                yield label(name), error


def _seven(path: Path, limits: ReadLimits, wanted: _Wanted) -> _Found:
    import py7zr

    try:
        with py7zr.SevenZipFile(path) as archive:
            if archive.needs_password():
                raise UnreadableError("encrypted")
            entries = archive.list()
            if len(entries) > limits.members or sum(entry.uncompressed for entry in entries) > limits.unpacked_bytes:
                raise UnreadableError(
                    "limit-exceeded", f"解压后超过{limits.unpacked_bytes >> 20}MB或{limits.members}个文件"
                )
            files = [e for e in entries if not e.is_directory and not e.is_symlink and wanted(e.filename)]
            for entry in files:
                if entry.uncompressed > limits.part_bytes:
                    yield label(entry.filename), _large(entry.uncompressed, limits)
            names = list(dict.fromkeys(e.filename for e in files if e.uncompressed <= limits.part_bytes))
            factory = py7zr.io.BytesIOFactory(limits.part_bytes)
            archive.extract(targets=names, factory=factory)
            for name in names:
                product = factory.products.get(name)
                if product is None:
                    yield label(name), UnreadableError("damaged", "解压失败")
                else:
                    product.seek(0)
                    yield label(name), product.read()
    except UnreadableError:
        raise
    except py7zr.exceptions.PasswordRequired as error:
        raise UnreadableError("encrypted") from error
    except (py7zr.exceptions.ArchiveError, py7zr.exceptions.Bad7zFile, OSError, ValueError, EOFError) as error:
        raise UnreadableError("damaged", "7z压缩包不完整") from error


def _rar(path: Path, limits: ReadLimits, wanted: _Wanted) -> _Found:
    import rarfile

    tool = next((name for name in ("unar", "unrar") if shutil.which(name)), None)
    # The library takes any even number of bytes for UTF-16 before it asks for the character set it was given.
    rarfile.TRY_ENCODINGS = ("utf8",)
    try:
        with rarfile.RarFile(path, charset="gb18030") as archive:
            infos = archive.infolist()
            if not infos:
                raise UnreadableError("damaged", "rar压缩包不完整")
            if archive.needs_password():
                raise UnreadableError("encrypted")
            if tool is None:
                raise UnreadableError("archive-tool-missing", "rar，需要安装unar")
            if len(infos) > limits.members or sum(info.file_size for info in infos) > limits.unpacked_bytes:
                raise UnreadableError(
                    "limit-exceeded", f"解压后超过{limits.unpacked_bytes >> 20}MB或{limits.members}个文件"
                )
            for info in infos:
                if info.is_dir() or info.is_symlink() or not wanted(info.filename):
                    continue
                if info.file_size > limits.part_bytes:
                    yield label(info.filename), _large(info.file_size, limits)
                    continue
                try:
                    with archive.open(info) as stream:
                        yield label(info.filename), stream.read(limits.part_bytes)
                except (rarfile.Error, OSError, subprocess.SubprocessError):
                    yield label(info.filename), UnreadableError("damaged", "解压失败")
    except rarfile.NeedFirstVolume as error:
        raise UnreadableError("damaged", "分卷压缩包，请合并成一个压缩包") from error
    except rarfile.Error as error:
        raise UnreadableError("damaged", "rar压缩包不完整") from error
