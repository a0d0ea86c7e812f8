"""nbgrader's preprocessors in a grading: set up as its converter would, our execution in the place of its own."""

from __future__ import annotations

from typing import Any

from nbgrader.converters import Autograde
from nbgrader.preprocessors import CheckCellMetadata, Execute, GetGrades, SaveCells

from grading.execute import BoxedExecute
from grading.quick_check import QuickCheckCellMetadata


class Steps:
    """The steps of one thread: they keep what they work on in themselves."""

    def __init__(self, converter: Autograde) -> None:
        self.sanitize = register(converter, steps_of(converter.sanitize_preprocessors))
        graders = register(converter, steps_of(converter.autograde_preprocessors))
        runs = [number for number, step in enumerate(graders) if isinstance(step, Execute)]
        self.before_and_execute, self.after = graders[: runs[-1] + 1], graders[runs[-1] + 1 :]
        self.modules = {type(step).__module__ for step in [*self.sanitize, *graders]}
        self.plugins = {step.plugin_class.__module__ for step in graders if hasattr(step, "plugin_class")}


def register(converter: Autograde, steps: list[type]) -> list[Any]:
    converter.exporter._preprocessors = []
    for step in steps:
        converter.exporter.register_preprocessor(step)
    return list(converter.exporter._preprocessors)


def steps_of(listed: list[Any]) -> list[type]:
    """The classes of a preprocessor list, nbgrader's Execute boxed; a course's own kind of Execute is left alone."""
    from traitlets.utils.importstring import import_item

    classes = [import_item(one) if isinstance(one, str) else one for one in listed]
    own = {Execute: BoxedExecute, CheckCellMetadata: QuickCheckCellMetadata}
    return [own.get(one, one) for one in classes]


def are_usual(converter: Autograde) -> bool:
    """Whether none of the converter's settings is one that only nbgrader's own converter can honour."""
    if converter.pre_convert_hook or converter.post_convert_hook or converter.coursedir.notebook_id != "*":
        return False
    graders = steps_of(converter.autograde_preprocessors)
    # A course's own step may look for anything that nbgrader has in the gradebook by then.
    known = all(is_known(one) for one in (*steps_of(converter.sanitize_preprocessors), *graders))
    return known and any(issubclass(one, Execute) for one in graders)


def is_known(step: type) -> bool:
    """Whether a step is nbgrader's, nbconvert's or ours and asks the gradebook for nothing but what is lent to it."""
    asks_more = issubclass(step, (GetGrades, SaveCells))  # usually not among the steps of autograding
    return step.__module__.split(".")[0] in ("nbgrader", "nbconvert", "grading") and not asks_more
