"""A formula as MathML, without a script on the page: Sphinx's own converter, which refuses what it does not know."""

from __future__ import annotations

import re


def mathml(tex: str, *, as_block: bool = False) -> str | None:
    """The formula as a page shows it; None where it cannot be set."""
    from docutils.utils.math.latex2mathml import tex2mathml  # only where a lesson has a formula

    try:
        return tex2mathml(tex, as_block=as_block)
    except Exception:  # a converter of other people's text: besides its MathError it trips in several ways  # noqa: BLE001
        return None


def unknown_command(tex: str) -> str:
    """The first command of the formula that cannot be set by itself, to point at; empty if it is none of them."""
    commands = re.findall(r"\\(?:begin|end)\{[^}]*\}|\\[A-Za-z]+", tex)
    for command in commands:
        whole = f"{command}x{command.replace('begin', 'end', 1)}" if command.startswith(r"\begin") else f"{command} x"
        if not command.startswith(r"\end") and mathml(whole) is None and mathml(f"{command}{{x}}{{x}}") is None:
            return command
    return ""
