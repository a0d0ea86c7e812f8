"""The picture password of children who cannot type yet: three of these pictures, in the order they are tapped."""

from __future__ import annotations

import re

from courses.stage import stage

#: Name → word, and the drawing's name in kits/widgets/cast.svg. One more picture is one more line.
PICTURES = {
    "swan": ("天鹅", "hui-calm"),
    "boat": ("小船", "boat-on"),
    "lighthouse": ("灯塔", "lighthouse"),
    "house": ("海草房", "house"),
    "turbine": ("风车", "turbine"),
    "kelp": ("海带", "kelp"),
    "oyster": ("牡蛎", "oyster"),
    "fishboat": ("渔船", "fishboat"),
    "lamp": ("灯笼", "lamp-on"),
}
IN_A_PASSWORD = 3


def tapped_in(grade: int | str) -> bool:
    """Whether the children of this grade tap; vocational school has no number."""
    return stage(grade).tapped_password


def picture_password(*pictures: str) -> str:
    """The text that a row of tapped pictures stands for; this is what gets hashed."""
    unknown = [picture for picture in pictures if picture not in PICTURES]
    if unknown or len(pictures) != IN_A_PASSWORD:
        raise ValueError(f"a picture password is {IN_A_PASSWORD} of {', '.join(PICTURES)}")
    return "-".join(pictures)


def from_words(written: str) -> str:
    """The picture password a teacher wrote, as 天鹅、小船、灯塔 or swan-boat-lighthouse; "" if it is none."""
    names = {word: name for name, (word, _) in PICTURES.items()} | {name: name for name in PICTURES}
    parts = [names.get(part, "") for part in re.split(r"[\s、，,;；－-]+", written.strip().lower())]
    return picture_password(*parts) if all(parts) and len(parts) == IN_A_PASSWORD else ""


def in_words(password: str) -> str:
    """天鹅、小船、灯塔, for printing; "" if the password is not one of pictures."""
    found = from_words(password)
    return "、".join(PICTURES[name][0] for name in found.split("-")) if found else ""
