"""Safe opening of OOXML packages (安全打开Office文件包): bounded parts, no DTD, no entities, no network."""

from __future__ import annotations

import zipfile
from pathlib import Path
from posixpath import dirname, join, normpath

from lxml import etree

from tasks.reading.errors import UnreadableError
from tasks.reading.limits import ReadLimits

# ISO strict files use other namespace names for the same elements.
_STRICT = (
    (b"http://purl.oclc.org/ooxml/wordprocessingml/", b"http://schemas.openxmlformats.org/wordprocessingml/2006/"),
    (b"http://purl.oclc.org/ooxml/spreadsheetml/", b"http://schemas.openxmlformats.org/spreadsheetml/2006/"),
    (b"http://purl.oclc.org/ooxml/officeDocument/", b"http://schemas.openxmlformats.org/officeDocument/2006/"),
    (b"http://purl.oclc.org/ooxml/drawingml/", b"http://schemas.openxmlformats.org/drawingml/2006/"),
)
_RELATIONSHIP = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"


def check_directory(infos: list[zipfile.ZipInfo], limits: ReadLimits) -> None:
    """Refuse a package whose directory already shows a bomb (压缩炸弹检查), before anything is unpacked."""
    if len(infos) > limits.members:
        raise UnreadableError("limit-exceeded", f"文件包内有{len(infos)}个部件，上限{limits.members}个")
    if sum(info.file_size for info in infos) > limits.unpacked_bytes:
        raise UnreadableError("limit-exceeded", f"解压后超过{limits.unpacked_bytes >> 20}MB")
    for info in infos:
        if info.file_size > limits.part_bytes:
            raise UnreadableError("limit-exceeded", f"单个部件解压后超过{limits.part_bytes >> 20}MB")
        if info.file_size > limits.ratio_floor and info.file_size > limits.ratio * max(info.compress_size, 1):
            raise UnreadableError("suspicious", f"部件压缩比超过{limits.ratio}倍，疑似压缩炸弹")


def read_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """The bytes of one member (读取部件), never more than its directory entry declares."""
    if info.flag_bits & 0x1:
        raise UnreadableError("encrypted")
    try:
        with archive.open(info) as stream:
            data = stream.read(info.file_size + 1)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, OSError, ValueError) as error:
        raise UnreadableError("damaged", f"部件解压失败：{type(error).__name__}") from error
    except Exception as error:
        if type(error).__module__ in {"zlib", "_lzma"}:
            raise UnreadableError("damaged", "部件解压失败") from error
        raise
    if len(data) > info.file_size:
        raise UnreadableError("suspicious", "部件大小与登记不符")
    return data


class Package:
    """An OOXML package (Office文件包) opened for reading; use as a context manager."""

    def __init__(self, path: Path, limits: ReadLimits) -> None:
        self.limits = limits
        self._relations: dict[str, dict[str, tuple[str, str, bool]]] = {}
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, EOFError, NotImplementedError, ValueError) as error:
            raise UnreadableError("damaged", "文件包目录不完整") from error
        infos = self._zip.infolist()
        check_directory(infos, limits)
        self._infos = {info.filename.lstrip("/"): info for info in infos}

    def __enter__(self) -> Package:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def names(self) -> list[str]:
        """The part names (部件名)."""
        return [*self._infos]

    def read(self, name: str) -> bytes | None:
        """The bytes of a part (部件内容), or None when there is no such part."""
        info = self._infos.get(name)
        return None if info is None else read_member(self._zip, info)

    def xml(self, name: str) -> etree._Element | None:
        """The root element of a part (部件的XML根), or None when there is no such part."""
        data = self.read(name)
        return None if data is None else parse_xml(data, self.limits)

    def relations(self, part: str) -> dict[str, tuple[str, str, bool]]:
        """The relations of a part (部件关系): id -> (type, target part or address, whether outside the file)."""
        if part not in self._relations:
            self._relations[part] = self._read_relations(part)
        return self._relations[part]

    def _read_relations(self, part: str) -> dict[str, tuple[str, str, bool]]:
        folder, _, base = part.rpartition("/")
        root = self.xml(f"{folder}/_rels/{base}.rels" if folder else f"_rels/{base}.rels")
        found: dict[str, tuple[str, str, bool]] = {}
        for item in root.iter(_RELATIONSHIP) if root is not None else ():
            outside = item.get("TargetMode") == "External"
            target = item.get("Target", "")
            if not outside:
                target = target.lstrip("/") if target.startswith("/") else normpath(join(dirname(part), target))
            found[item.get("Id", "")] = (item.get("Type", "").rpartition("/")[2], target, outside)
        return found

    def related(self, part: str, kind: str) -> str | None:
        """The first part of a kind that ``part`` points to (相关部件), e.g. ``styles``."""
        return next(
            (target for type_, target, outside in self.relations(part).values() if type_ == kind and not outside), None
        )


def parse_xml(data: bytes, limits: ReadLimits) -> etree._Element:
    """Parse XML from a stranger (解析外来XML). Raises UnreadableError for DTDs, too many elements, and broken XML."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            data = data.decode("utf-16").partition("?>")[2].encode()
        except UnicodeDecodeError as error:
            raise UnreadableError("damaged", "XML编码错误") from error
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise UnreadableError("suspicious", "XML中含有DTD声明")
    # A start tag is a "<" that is not an end tag: an upper bound on elements that costs no parsing.
    if data.count(b"<") - data.count(b"</") > limits.elements:
        raise UnreadableError("limit-exceeded", f"文档元素超过{limits.elements}个")
    if b"purl.oclc.org/ooxml" in data[:8192]:
        for strict, usual in _STRICT:
            data = data.replace(strict, usual)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise UnreadableError("damaged", "文档XML不完整或嵌套过深") from error
