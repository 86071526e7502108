"""How long work reports that it goes on; where the report goes is the caller's affair."""

from collections.abc import Callable

Progress = Callable[[int, int], None]


def silent(done: int, total: int) -> None:
    """Report nothing of `done` steps out of `total`."""
