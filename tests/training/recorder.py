"""What a CUDA graph does, on a processor: every operation of torch is noted, to be done again.

As there, no Python of the recorded work runs again: whatever it read of numbers, shapes or chance
stays as it was when it was recorded, and every result lies where it lay then. As there, nothing has
moved when recording ends.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves


class _Operation(NamedTuple):
    func: Any
    given: tuple[Any, ...]
    named: dict[str, Any]
    results: list[torch.Tensor]

    def written(self) -> list[torch.Tensor]:
        """What is changed in place."""
        pairs = zip(self.given, self.func._schema.arguments, strict=False)
        return [each for each, told in pairs if told.alias_info and told.alias_info.is_write]


class _Noted(TorchDispatchMode):
    def __init__(self) -> None:
        super().__init__()
        self.operations = list[_Operation]()
        self.before = list[tuple[torch.Tensor, torch.Tensor]]()

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        operation = _Operation(func, args, kwargs or {}, [])
        self.before += [(each, each.clone()) for each in operation.written()]
        found = func(*args, **(kwargs or {}))
        operation.results.extend(_tensors(found))
        self.operations.append(operation)
        return found

    @torch.no_grad()
    def undo(self) -> None:
        for place, before in reversed(self.before):
            place.copy_(before)

    @torch.no_grad()
    def again(self) -> None:
        for func, given, named, results in self.operations:
            for place, now in zip(results, _tensors(func(*given, **named)), strict=True):
                if place.data_ptr() != now.data_ptr():
                    place.copy_(now)


def _tensors(found: Any) -> list[torch.Tensor]:
    return [each for each in tree_leaves(found) if isinstance(each, torch.Tensor)]


def recorded(work: Callable[[], torch.Tensor]) -> tuple[Callable[[], None], torch.Tensor]:
    """How to do the work again, and where it then answers."""
    with _Noted() as noted:
        losses = work()
    noted.undo()
    return noted.again, losses
