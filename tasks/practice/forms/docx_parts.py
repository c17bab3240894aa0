"""The fixed parts of the practice county's Word files (docx固定部件): styles, fonts, page number, properties."""

from __future__ import annotations

from xml.sax.saxutils import escape

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_PARTS = (
    ("word/document.xml", f"{_TYPE}.document.main+xml"),
    ("word/styles.xml", f"{_TYPE}.styles+xml"),
    ("word/fontTable.xml", f"{_TYPE}.fontTable+xml"),
    ("word/footer1.xml", f"{_TYPE}.footer+xml"),
    ("docProps/core.xml", "application/vnd.openxmlformats-package.core-properties+xml"),
)
CONTENT_TYPES = (
    f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    + "".join(f'<Override PartName="/{name}" ContentType="{kind}"/>' for name, kind in _PARTS)
    + "</Types>"
)
PACKAGE_RELS = (
    f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="word/document.xml"/>'
    f'<Relationship Id="rId2" Type="{_PACKAGE}/relationships/metadata/core-properties" Target="docProps/core.xml"/>'
    "</Relationships>"
)
DOCUMENT_RELS = (
    f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/styles" Target="styles.xml"/>'
    f'<Relationship Id="rId2" Type="{_OFFICE}/fontTable" Target="fontTable.xml"/>'
    f'<Relationship Id="rId3" Type="{_OFFICE}/footer" Target="footer1.xml"/>'
    "</Relationships>"
)
# Official typefaces are rarely installed outside Chinese offices: each names what stands in for it.
_FALLBACKS = (
    ("方正小标宋简体", "宋体"),
    ("仿宋_GB2312", "仿宋"),
    ("楷体_GB2312", "楷体"),
    ("黑体", "SimHei"),
    ("宋体", "SimSun"),
)
FONTS = (
    f"{_HEAD}<w:fonts {_W}>"
    + "".join(f'<w:font w:name="{name}"><w:altName w:val="{other}"/></w:font>' for name, other in _FALLBACKS)
    + "</w:fonts>"
)


def _style(name: str, label: str, font: str, half_points: int, paragraph: str, bold: bool = False) -> str:
    weight = "<w:b/>" if bold else ""
    faces = f'<w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:eastAsia="{font}"/>'
    return (
        f'<w:style w:type="paragraph" w:customStyle="1" w:styleId="{name}"><w:name w:val="{label}"/>'
        f'<w:pPr>{paragraph}</w:pPr><w:rPr>{faces}{weight}<w:sz w:val="{half_points}"/>'
        f'<w:szCs w:val="{half_points}"/></w:rPr></w:style>'
    )


_BODY_SPACING = '<w:spacing w:line="560" w:lineRule="exact"/>'
_INDENT = '<w:ind w:firstLineChars="200" w:firstLine="640"/>'
_KEEP = "<w:keepNext/>"
STYLES = (
    f"{_HEAD}<w:styles {_W}><w:docDefaults><w:rPrDefault><w:rPr>"
    '<w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:eastAsia="仿宋_GB2312"/>'
    '<w:sz w:val="32"/><w:lang w:val="en-US" w:eastAsia="zh-CN"/></w:rPr></w:rPrDefault></w:docDefaults>'
    + _style(
        "title",
        "公文标题",
        "方正小标宋简体",
        44,
        f'{_KEEP}<w:spacing w:line="640" w:lineRule="exact"/><w:jc w:val="center"/>',
    )
    + _style("h1", "一级标题", "黑体", 32, f'{_KEEP}{_BODY_SPACING}{_INDENT}<w:outlineLvl w:val="0"/>')
    + _style("h2", "二级标题", "楷体_GB2312", 32, f'{_KEEP}{_BODY_SPACING}{_INDENT}<w:outlineLvl w:val="1"/>')
    + _style("body", "公文正文", "仿宋_GB2312", 32, f'{_BODY_SPACING}{_INDENT}<w:jc w:val="both"/>')
    + _style("caption", "表题", "黑体", 30, f'{_KEEP}<w:spacing w:before="60" w:after="60"/><w:jc w:val="center"/>')
    + _style("note", "附注", "黑体", 28, _KEEP)
    + _style("sign", "落款", "仿宋_GB2312", 32, f'{_BODY_SPACING}<w:ind w:right="640"/><w:jc w:val="right"/>')
    + _style("table", "表格文字", "宋体", 18, '<w:spacing w:line="240" w:lineRule="auto"/><w:jc w:val="center"/>')
    + _style("tablehead", "表格标题", "黑体", 18, '<w:spacing w:line="240" w:lineRule="auto"/><w:jc w:val="center"/>')
    + _style("gap", "表后", "宋体", 4, '<w:spacing w:line="60" w:lineRule="exact"/>')
    + "</w:styles>"
)


def footer() -> str:
    """The page number between dashes (页码), e.g. ``— 3 —``."""
    field = '<w:fldSimple w:instr=" PAGE "><w:r><w:t>1</w:t></w:r></w:fldSimple>'
    size = '<w:rPr><w:sz w:val="28"/></w:rPr>'
    dash = f'<w:r>{size}<w:t xml:space="preserve">{{}}</w:t></w:r>'
    inside = dash.format("— ") + field + dash.format(" —")
    return f'{_HEAD}<w:ftr {_W}><w:p><w:pPr><w:pStyle w:val="table"/></w:pPr>{inside}</w:p></w:ftr>'


def core(title: str, author: str) -> str:
    """Title and author (文档属性) with a fixed date, because the bytes must not change."""
    day = '<dcterms:{0} xsi:type="dcterms:W3CDTF">2000-01-01T00:00:00Z</dcterms:{0}>'
    return (
        f'{_HEAD}<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{escape(title)}</dc:title><dc:creator>{escape(author)}</dc:creator>"
        f"{day.format('created')}{day.format('modified')}</cp:coreProperties>"
    )
