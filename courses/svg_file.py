"""A drawing of a lesson as text that may stand in a page: no script in it, nothing that asks another machine."""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.etree import ElementTree

SVG = "{http://www.w3.org/2000/svg}"
#: Elements that run something, or bring a page of their own.
ACTIVE = {"script", "foreignobject", "iframe", "object", "embed", "audio", "video", "handler", "listener", "set"}
_OWN = re.compile(r"\s*(?:#|data:image/(?:png|jpeg|gif|webp);)", re.IGNORECASE)
_OUTSIDE = re.compile(r"@import|url\(\s*[\"']?\s*(?!#)|expression\(", re.IGNORECASE)


@dataclass(frozen=True)
class Drawing:
    """A drawing fit for a page, and what had to be taken out of it."""

    text: str
    removed: tuple[str, ...] = ()


def read_svg(text: str) -> Drawing | None:
    """The drawing, cleaned; None if this is no SVG."""
    try:
        root = ElementTree.fromstring(text.lstrip("\ufeff \r\n\t").encode())
    except (ElementTree.ParseError, ValueError, LookupError):
        return None
    if root.tag not in (f"{SVG}svg", "svg"):
        return None
    removed = [*_clean(root)]
    if not removed:
        return Drawing(text)
    ElementTree.register_namespace("", SVG.strip("{}"))
    ElementTree.register_namespace("xlink", "http://www.w3.org/1999/xlink")
    return Drawing(ElementTree.tostring(root, encoding="unicode"), tuple(removed))


def _clean(element: ElementTree.Element) -> list[str]:
    """Take out of an element what may not stand in a page; what that was."""
    removed = []
    for child in list(element):
        name = _name(child)
        styles = name == "style" and _OUTSIDE.search("".join(child.itertext()))
        animates = name.startswith("animate") and _name_of(child.get("attributeName", "")) in ("href", "style")
        if name in ACTIVE or styles or animates:
            removed.append(f"<{name}>")
            element.remove(child)
        else:
            removed += _clean(child)
    for key, value in list(element.attrib.items()):
        name = _name_of(key)
        leads_out = name in ("href", "src", "base") and not _OWN.match(value)
        if name.startswith("on") or leads_out or _OUTSIDE.search(value):
            removed.append(f"{name}={value[:40]}")
            del element.attrib[key]
    return removed


def _name(element: ElementTree.Element) -> str:
    """A comment or a processing instruction has a function for a tag."""
    return _name_of(element.tag) if isinstance(element.tag, str) else ""


def _name_of(key: str) -> str:
    return key.rpartition("}")[2].rpartition(":")[2].lower()
