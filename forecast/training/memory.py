"""How much memory learning may take, in bytes, and the portions that a stack is cut into for it."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath

import torch

from forecast.errors import TrainingError
from forecast.settings import Compute
from forecast.training.compute import device_of

GIB = 2**30
# Where a system does not say what is free.
GUESS = 4 * GIB
# Trees of control groups, by the controller that `/proc/self/cgroup` names (none in version 2):
# where each lies, and a group's limit and use.
TREES = {
    "": ("sys/fs/cgroup", "memory.max", "memory.current"),
    "memory": ("sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes"),
}


def budget(compute: Compute, desk: int = 0) -> int:
    """Bytes that models may take: as many as were chosen, or half of what is free there.

    A desk for each thread goes off, up to half of it: it does not shrink with the portions.
    """
    device = device_of(compute)
    there = torch.cuda.mem_get_info(device)[0] if device.type == "cuda" else free()
    allowed = int(compute.memory * GIB) if compute.memory else there // 2
    threads = compute.threads or torch.get_num_threads()
    return allowed - min(threads * desk, allowed // 2)


def free(root: Path = Path("/")) -> int:
    """Bytes that this process could still take: of the machine, its control groups, its limit."""
    found = [*_of_machine(root), *_of_groups(root), *_of_process(root)]
    return max(0, min(found)) if found else GUESS


def _of_machine(root: Path) -> Iterator[int]:
    with suppress(OSError, ValueError, IndexError):
        yield _told(root / "proc/meminfo", "MemAvailable:")


def _of_process(root: Path) -> Iterator[int]:
    """What `ulimit -v` leaves of addresses; without a limit it says "unlimited", no number."""
    with suppress(OSError, ValueError, IndexError):
        (limit,) = _lines(root / "proc/self/limits", "Max address space")
        yield int(limit.split()[3]) - _told(root / "proc/self/status", "VmSize:")


def _told(path: Path, name: str) -> int:
    """The bytes that a table of the system tells, in KiB, under a name."""
    (line,) = _lines(path, name)
    return int(line.split()[1]) * 1024


def _lines(path: Path, name: str) -> list[str]:
    return [line for line in path.read_text().splitlines() if line.startswith(name)]


def _of_groups(root: Path) -> Iterator[int]:
    """What the limits of the process's own control group and of all around it leave.

    In a container its path may be the machine's, which is not there; the tree's top is, then, the
    container's own group.
    """
    own = _own_groups(root)
    for controller, (tree, limit, usage) in TREES.items():
        group = own.get(controller, PurePosixPath())
        for each in (group, *group.parents):
            folder = root / tree / each
            # A group without a limit says "max", which is no number.
            with suppress(OSError, ValueError):
                most, used = (int((folder / name).read_text()) for name in (limit, usage))
                yield most - used + _reclaimable(folder / "memory.stat")


def _own_groups(root: Path) -> dict[str, PurePosixPath]:
    """The path of the process's group in each tree, by controller."""
    with suppress(OSError, ValueError):
        lines = (root / "proc/self/cgroup").read_text().splitlines()
        parts = [line.split(":", 2) for line in lines]
        return {
            controller: PurePosixPath(path.lstrip("/"))
            for _, controllers, path in parts
            for controller in controllers.split(",")
        }
    return {}


def _reclaimable(stat: Path) -> int:
    """Copies of files, which a group gives back when it needs the room."""
    with suppress(OSError, ValueError):
        facts = dict(line.split() for line in stat.read_text().splitlines())
        return int(facts.get("total_inactive_file", facts.get("inactive_file", 0)))
    return 0


def refuse_too_large(need: int, compute: Compute) -> None:
    """Let what needs so many bytes begin to learn.

    Raises:
        TrainingError: it does not fit into what may be taken.
    """
    portions([need], budget(compute))


def portions(needs: Sequence[int], allowed: int) -> list[range]:
    """Cut a row of needs, in bytes and rising, into runs that each fit into what is allowed.

    All of a run are padded to its largest, which is its last.

    Raises:
        TrainingError: the largest alone does not fit.

    >>> portions([1, 1, 2, 2, 5], 5)
    [range(0, 2), range(2, 4), range(4, 5)]
    """
    if needs and needs[-1] > allowed:
        raise TrainingError(
            f"one model and its seeds need {_gib(needs[-1])} of memory; {_gib(allowed)} may be"
            " taken; raise --memory, or take a smaller window or fewer hidden units"
        )
    runs, start = list[range](), 0
    for at, need in enumerate(needs):
        if (at + 1 - start) * need > allowed:
            runs.append(range(start, at))
            start = at
    return [*runs, range(start, len(needs))] if needs else []


def _gib(count: int) -> str:
    return f"{count / GIB:,.3g} GiB"
