"""What every page of the classroom shares. Tokens, cast and font come from kits; only the parts are written here."""

from functools import cache
from pathlib import Path

from grading.picture_passwords import PICTURES
from kits.widgets import cast

KITS = Path(__file__).resolve().parents[1] / "kits"
STATIC = Path(__file__).with_name("static")


def font() -> Path:
    """The bundled Chinese font: only browsers without any Chinese font ask for it."""
    return next((KITS / "fonts").glob("*.[ot]tf"))


@cache
def style_sheet(*more: str) -> str:
    """The tokens, the cast's colours and our parts; `more` names further sheets of static/."""
    sheets = [KITS / "widgets" / "tokens.css", KITS / "widgets" / "base.css", STATIC / "parts.css"]
    return _face("") + "".join(sheet.read_text("utf-8") for sheet in [*sheets, *(STATIC / name for name in more)])


def font_face(static: str) -> str:
    """For a page that brings its own style: where the bundled font is."""
    return f"<style>{_face(static)}</style>"


def _face(static: str) -> str:
    address = f"{static}font/{font().name}"
    return f'@font-face {{ font-family: "Haike Sans SC"; font-display: swap; src: url("{address}"); }}\n'


def picture(name: str, label: str = "") -> str:
    """A drawing of the cast, by its own name or by the name of a picture password."""
    drawing = PICTURES[name][1] if name in PICTURES else name
    return f'<span class="hk pic">{cast.svg(drawing, label)}</span>'
