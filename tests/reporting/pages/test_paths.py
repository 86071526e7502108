"""A path in few bytes goes where the long one went."""

import re

from hypothesis import given
from hypothesis import strategies as st

from forecast.reporting.pages.paths import compact

PLACES = st.lists(
    st.tuples(st.integers(-5000, 5000), st.integers(-5000, 5000)), min_size=2, max_size=40
)


def places(path: str) -> list[tuple[float, float]]:
    """Where a path of relative m, l and z goes, as a browser reads it."""
    here, found, start = (0.0, 0.0), [], (0.0, 0.0)
    for command, rest in re.findall(r"([mlz])([^mlz]*)", path):
        numbers = [float(each) for each in re.findall(r"-?(?:\d+\.?\d*|\.\d+)", rest)]
        for dx, dy in zip(numbers[::2], numbers[1::2], strict=True):
            here = (here[0] + dx, here[1] + dy)
            found.append(here)
        if command == "m":
            start = here
        elif command == "z":
            here = start
    return found


@given(PLACES)
def test_steps_lead_to_the_same_places_and_rounding_never_adds_up(
    points: list[tuple[int, int]],
) -> None:
    exact = [(x / 37, y / 37) for x, y in points]
    path = "M {} {} ".format(*exact[0]) + " ".join(f"L {x} {y}" for x, y in exact[1:])
    reached = places(compact(path))
    wanted = [(round(x, 1), round(y, 1)) for x, y in exact]
    assert all(min(abs(a - x) + abs(b - y) for a, b in reached) < 0.11 for x, y in wanted)
    assert abs(reached[-1][0] - exact[-1][0]) < 0.06
    assert abs(reached[-1][1] - exact[-1][1]) < 0.06


def test_a_dense_line_keeps_the_extremes_of_every_column() -> None:
    heights = [100.0 + (at * 7919 % 1000) / 10 for at in range(20_000)]
    path = "M 0 0 " + " ".join(f"L {at / 100} {y}" for at, y in enumerate(heights))
    reached = places(compact(path))
    assert len(reached) < 4 * 400 + 10
    assert abs(max(y for _, y in reached) - max(heights)) < 0.06
    assert abs(min(y for _, y in reached[1:]) - min(heights)) < 0.06


def test_dense_strokes_keep_the_longest_of_every_column() -> None:
    ends = [100.0 + (at * 7919 % 1000) / 10 for at in range(9000)]
    path = " ".join(f"M {at / 90} 50 L {at / 90} {y}" for at, y in enumerate(ends))
    reached = places(compact(path))
    assert len(reached) <= 2 * 2 * 201
    assert abs(max(y for _, y in reached) - max(ends)) < 0.06
