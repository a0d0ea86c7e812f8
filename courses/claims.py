"""What a lesson says of its data ("more often than not it reads 3"), tried on twenty other draws.

A claim stands in mistakes.md, so that it is never in a pupil's test: another version of a library would cost a whole
class its marks. Its cell is run behind the lesson's last one with every reference in place.
"""

from __future__ import annotations

from courses.lesson import Claim

DRAWS = 20
CLAIM_SECONDS = 20.0  # of wall time; what a lesson's claims may take in all is a rule of the check


def over_draws(claim: Claim) -> str:
    """The claim's cell, and a line that errs where it does not hold of enough draws."""
    told = f"20 次里成立 {{}} 次，要 {needed(claim)} 次"
    return f"""{claim.source}
held = [draw for draw in range(1, {DRAWS + 1}) if holds(draw)]
assert len(held) >= {needed(claim)}, {told!r}.format(len(held))"""


def needed(claim: Claim) -> int:
    """Of how many draws it must hold."""
    return -int(-claim.least * DRAWS // 1)
