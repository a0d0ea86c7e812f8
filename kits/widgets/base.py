"""What every widget shares: its script and style, the child's last value, and the record of what the page reports."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import anywidget
import traitlets

from kits import answers

HERE = Path(__file__).parent
MIME = "application/vnd.haike.widget+json"

# Of the child or of the machine it runs on: never part of what is published.
PRIVATE = {"event", "saved", "trouble", "layout", "tooltip", "tabbable"}


def script(module: str) -> str:
    """The one ES module of a widget: the shared prelude, then its own file, `<module>.js`, after its other parts."""
    others = HERE.glob(f"{module}_*.js")  # of a widget whose name begins alike there is a .py too
    parts = sorted(path.name for path in others if not path.with_suffix(".py").exists())
    return "\n".join(map(_text, ["record.js", *parts, f"{module}.js"]))


def style(module: str = "") -> str:
    """Tokens and shared parts, then the widget's own style."""
    return "\n".join([_text("tokens.css"), _text("base.css"), *([own_style(module)] if module else [])])


def own_style(module: str) -> str:
    path = HERE / f"{module}.css"
    return path.read_text("utf-8") if path.exists() else ""


def _text(name: str) -> str:
    return (HERE / name).read_text("utf-8")


class Widget(anywidget.AnyWidget):
    """A subclass says `module = "<name>"` and adds its public traits with `.tag(sync=True)`.

    Making a widget writes nothing. The key of a graded exercise is never a trait: it stands only in a hidden test.
    """

    module: ClassVar[str] = ""

    exercise = traitlets.Unicode("").tag(sync=True)
    event = traitlets.Dict().tag(sync=True)
    saved = traitlets.Any(None, allow_none=True).tag(sync=True)
    trouble = traitlets.Unicode("").tag(sync=True)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        # anywidget subclasses again at run time to add traits; only a class that names its module has a script to read.
        if "module" in cls.__dict__:
            cls._esm = script(cls.module)
            cls._css = style(cls.module)

    def __init__(self, exercise: str = "", **traits: Any) -> None:
        saved, trouble = self._restore(exercise)
        super().__init__(exercise=exercise, saved=saved, trouble=trouble, **traits)
        self._heard: set[str] = set()
        self.observe(self._listen, names="event")

    @staticmethod
    def _restore(exercise: str) -> tuple[Any, str]:
        if not exercise:
            return None, ""
        try:
            return answers.last(exercise), ""
        except answers.AnswersError as err:
            return None, str(err)

    def _listen(self, change: Mapping[str, Any]) -> None:
        """Keep what the page reports.

        While a kernel is busy the browser merges messages, so each event brings the few before it along.
        """
        latest = change["new"]
        if not latest or not self.exercise:
            return
        for event in [*latest.get("earlier", []), latest]:
            self._keep({**event, "exercise": self.exercise, "lesson": None})

    def _keep(self, event: dict[str, Any]) -> None:
        at = event.get("at")
        if at is not None and at in self._heard:
            return
        try:
            full = answers.append(event)
        except (answers.AnswersError, answers.NotAnEvent) as err:
            self.trouble = str(err)
            return
        self._heard.add(at or full["at"])
        self.trouble = ""
        self.saved = full["value"]

    def public_state(self) -> dict[str, Any]:
        """What a page without a kernel needs to show this widget in its start state."""
        names = [n for n in self.keys if not n.startswith("_") and n not in PRIVATE]
        return {n: getattr(self, n) for n in sorted(names)}

    def in_words(self) -> str:
        """What a reader sees where no widget can be shown."""
        return "〔互动小部件：请在网页或课堂里打开〕"

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        data, metadata = super()._repr_mimebundle_(**kwargs) or ({}, {})
        data = {**data, "text/plain": self.in_words(), MIME: {"module": self.module, "state": self.public_state()}}
        return data, metadata
