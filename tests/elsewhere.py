"""A device that is none: its tensors lie on the processor, but behave as those of a GPU do.

They refuse to be mixed with tensors of the processor, to become arrays, and to be of double
precision, which Apple's GPUs do not have. So what would fail on a GPU alone fails without one.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map

NAME = "meta"  # of a device that every torch knows
# What moves tensors from one device to another, and what GPUs, too, do with those of a processor.
_MIXED = (
    *("aten::_to_copy", "aten::copy_", "aten::index.Tensor", "aten::index_put_"),
    "aten::_pack_padded_sequence",
)


class _Away(torch.Tensor):
    """A tensor that is elsewhere; `near` is where its numbers are in fact."""

    near: torch.Tensor

    @staticmethod
    def __new__(cls, near: torch.Tensor) -> "_Away":
        if near.dtype == torch.float64:
            raise TypeError("this device has no float64")
        made = torch.Tensor._make_wrapper_subclass(
            cls, near.size(), strides=near.stride(), dtype=near.dtype, device=NAME
        )
        made.near = near
        return made

    @classmethod
    def __torch_dispatch__(
        cls, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        return _done(func, args, kwargs or {})


class _Dispatched(TorchDispatchMode):
    """What is made on the device, or moved there, is elsewhere."""

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        return _done(func, args, kwargs or {})


class _Made(TorchFunctionMode):
    """Tensors of numbers are made by torch without a dispatch."""

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        kwargs = kwargs or {}
        if func is torch.Tensor.new_tensor and isinstance(args[0], _Away):
            return torch.tensor(args[1], dtype=kwargs.get("dtype", args[0].dtype)).to(NAME)
        if func in (torch.tensor, torch.as_tensor) and _is_away(kwargs.get("device")):
            return func(*args, **{**kwargs, "device": None}).to(NAME)
        return func(*args, **kwargs)


def _done(func: Any, args: tuple[Any, ...], named: dict[str, Any]) -> Any:
    given, name = _tensors((args, named)), func.name()
    device = named.get("device")
    away = any(isinstance(each, _Away) for each in given) if device is None else _is_away(device)
    if any(each.device.type == NAME and not isinstance(each, _Away) for each in given):
        raise NotImplementedError(f"{name}: torch made a tensor of the device without a word")
    mixed = any(each.dim() and not isinstance(each, _Away) for each in given)
    if away and mixed and not name.startswith(_MIXED):
        raise RuntimeError(f"{name}: expected all tensors to be on the same device")
    near, told = tree_map(_nearby, (args, named))
    found = func(*near, **{**told, "device": "cpu"} if device is not None else told)
    first = func._schema.arguments[0].alias_info if args else None
    if first is not None and first.is_write:
        return args[0]
    if not away or name == "aten::_local_scalar_dense":
        return found
    if name == "aten::_pack_padded_sequence":  # the sizes of the batches stay near
        return _Away(found[0]), found[1]
    return tree_map(lambda each: _Away(each) if isinstance(each, torch.Tensor) else each, found)


def _nearby(each: Any) -> Any:
    return each.near if isinstance(each, _Away) else each


def _tensors(found: Any) -> list[torch.Tensor]:
    return [each for each in tree_leaves(found) if isinstance(each, torch.Tensor)]


def _is_away(device: Any) -> bool:
    return device is not None and torch.device(device).type == NAME


@contextmanager
def elsewhere() -> Iterator[torch.device]:
    """The device, which is there inside alone."""
    autocast = torch.autocast

    def on_processor(device: str, *args: Any, **named: Any) -> torch.autocast:
        return autocast("cpu" if device == NAME else device, *args, **named)

    with _Made(), _Dispatched(), mock.patch.object(torch, "autocast", on_processor):
        yield torch.device(NAME)
