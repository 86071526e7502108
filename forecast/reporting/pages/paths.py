"""Drawn paths in few bytes: steps instead of places, a tenth of a point exact, thinned where dense.

A line of thousands of points on a sheet of a few hundred would draw each column of it many times:
of the points of one column only the first, the lowest, the highest and the last are kept.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise

Point = tuple[float, float]
Part = tuple[str, list[Point]]

DENSE, COLUMN = 900, 0.8
_TOKEN = re.compile(r"[A-Za-z]|-?[0-9][0-9.eE+-]*")
_POINTS = {"M": 1, "L": 1, "Q": 2, "C": 3}


def compact(path: str) -> str:
    """The `d` of an SVG path of absolute M, L, Q, C and z, as relative steps.

    >>> compact("M 10 20 L 10.52 18 L 11 18 z")
    'm10 20l.5-2 .5 0z'
    """
    exact = 100 if "C" in path else 10
    here, start, said = (0, 0), (0, 0), list[str]()
    for command, points in _thinned(list(_parts(path))):
        if command.lower() == "z":
            said.append("z")
            here = start
            continue
        ends = [(round(x * exact), round(y * exact)) for x, y in points]
        if command == "L" and ends[-1] == here and said[-1][0] != "m":
            continue
        steps = [(x - here[0], y - here[1]) for x, y in ends]
        said.append(command.lower() + "".join(_step(step, exact) for step in steps))
        here = ends[-1]
        start = here if command == "M" else start
    return _joined(said)


def _parts(path: str) -> Iterator[Part]:
    tokens = _TOKEN.findall(path)
    at = 0
    while at < len(tokens):
        command, at = tokens[at], at + 1
        size = 2 * _POINTS.get(command, 0)
        numbers = [float(each) for each in tokens[at : at + size]]
        yield command, list(zip(numbers[::2], numbers[1::2], strict=True))
        at += size


def _thinned(parts: Sequence[Part]) -> Iterator[Part]:
    """The same parts; long runs of lines keep at most four points of each column."""
    starts = [at for at, (command, _) in enumerate(parts) if command == "M"]
    if len(starts) > DENSE / 2:
        strokes = [list(parts[at:end]) for at, end in pairwise([*starts, len(parts)])]
        yield from _fewer_strokes(strokes)
        return
    for is_line, run in groupby(parts, key=lambda part: part[0] == "L"):
        points = list(run)
        if not is_line or len(points) <= DENSE:
            yield from points
            continue
        for _, column in groupby((ends[0] for _, ends in points), key=lambda end: end[0] // COLUMN):
            yield from (("L", [point]) for point in _extremes(list(column)))


def _fewer_strokes(strokes: Sequence[list[Part]]) -> Iterator[Part]:
    """Of the strokes that begin in one column, the one that ends lowest and the one highest."""
    for _, column in groupby(strokes, key=lambda stroke: stroke[0][1][0][0] // COLUMN):
        several = [stroke for stroke in column if stroke[-1][1]]
        ends = [stroke[-1][1][-1][1] for stroke in several]
        for at in sorted({ends.index(min(ends)), ends.index(max(ends))}):
            yield from several[at]


def _extremes(points: list[Point]) -> list[Point]:
    heights = [y for _, y in points]
    kept = {0, heights.index(min(heights)), heights.index(max(heights)), len(points) - 1}
    return [points[at] for at in sorted(kept)]


def _step(step: tuple[int, int], exact: int) -> str:
    """Two numbers with no more signs between them than are needed."""
    x, y = (number(value / exact) for value in step)
    return f" {x}{y}" if y.startswith("-") else f" {x} {y}"


def number(value: float) -> str:
    """A number with at most two decimals and no needless zero.

    >>> number(0.5), number(-0.25), number(12.0)
    ('.5', '-.25', '12')
    """
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    text = "0" if text in {"-0", ""} else text
    return text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text


def _joined(said: Sequence[str]) -> str:
    """Commands in a row, the letter of equal ones only once (never after m, which would draw)."""
    text, before = list[str](), ""
    for each in said:
        letter, rest = each[0], each[1:]
        text.append(rest if letter == before and letter not in "mz" else letter + rest.lstrip())
        before = letter
    return "".join(text).replace(" -", "-")
