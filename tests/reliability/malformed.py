"""Bytes by chance at every door that reads a file."""

from pathlib import Path

from tests.reliability.fuzz import DOORS, by_chance
from tests.reliability.trial import Finding


def campaign(place: Path, times: int) -> list[Finding]:
    """Offer changed files; a mistake ends the campaign with its traceback."""
    for door in DOORS:
        by_chance(door, times, place)
    told = "read, or refused in one line"
    return [Finding(f"changed files: {door}", times, 0, told) for door in DOORS]
