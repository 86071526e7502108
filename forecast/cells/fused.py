"""The cells by torch's own kernels: oneDNN or ATen on a processor, cuDNN on an NVIDIA GPU.

Models run one after the other, each by the very call that it would make alone, so the bits of one
never depend on the others.
"""

from collections.abc import Callable, Sequence

import torch
from jaxtyping import Float, Int
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from forecast.cells.base import FORWARD, Cell, LayerState, LayerWeights, Outputs, Way

Tensors = tuple[torch.Tensor, ...]

KERNELS: dict[str, Callable[..., Tensors]] = {
    "lstm": torch.lstm,
    "gru": torch.gru,
    "rnn tanh": torch.rnn_tanh,
    "rnn relu": torch.rnn_relu,
}


def layer(
    cell: Cell,
    weights: LayerWeights,
    sequence: Float[torch.Tensor, "model sample time feature"],
    state: LayerState | None,
    lengths: Int[torch.Tensor, "model sample"] | None,
    way: Way = FORWARD,
) -> tuple[Outputs, LayerState]:
    """One layer in one direction, as `Backend` asks."""
    state = state or LayerState.zero(cell, sequence)
    sequence = sequence.flip(2) if way.backwards else sequence
    kernel = KERNELS[f"rnn {cell.nonlinearity}" if cell.kind == "rnn" else cell.kind]
    # unbind and not indexing: on the way back it fills one stack, not one for every model.
    own_weights = zip(*(weight.unbind() for weight in weights), strict=True)
    starts = zip(*(part[:, None].unbind() for part in state if part is not None), strict=True)
    models = zip(own_weights, sequence.unbind(), starts, strict=True)
    if lengths is None or not sequence.shape[1]:
        runs = [_run(kernel, *model) for model in models]
    else:
        counts = lengths.cpu().unbind()
        runs = [_packed(kernel, *model, own) for model, own in zip(models, counts, strict=True)]
    if not way.every:
        runs = [(outputs[:, :0], *ends) for outputs, *ends in runs]
    outputs, *ends = map(_stacked, zip(*runs, strict=True))
    outputs = outputs.flip(2) if way.backwards else outputs
    return outputs, LayerState(*(end.squeeze(1) for end in ends))


def _run(
    kernel: Callable[..., Tensors], weights: Tensors, sequence: torch.Tensor, start: Tensors
) -> Tensors:
    """Outputs and final state of one model that reads every step."""
    batch_first = True
    return kernel(sequence, _state(start), _together(weights), *_one_layer(), batch_first)


def _packed(
    kernel: Callable[..., Tensors],
    weights: Tensors,
    sequence: torch.Tensor,
    start: Tensors,
    lengths: torch.Tensor,
) -> Tensors:
    """Outputs and final state of one model that reads each sample's own number of steps."""
    # torch packs no empty samples: those read one step, whose results are thrown away.
    packed = pack_padded_sequence(
        sequence, lengths.clamp(min=1), batch_first=True, enforce_sorted=False
    )
    longest_first, as_given = packed.sorted_indices, packed.unsorted_indices
    assert longest_first is not None  # enforce_sorted=False makes both
    assert as_given is not None
    begin = tuple(part.index_select(1, longest_first) for part in start)
    data, *last = kernel(
        packed.data, packed.batch_sizes, _state(begin), _together(weights), *_one_layer()
    )
    read = PackedSequence(data, packed.batch_sizes, longest_first, as_given)
    outputs, _ = pad_packed_sequence(read, batch_first=True, total_length=sequence.shape[1])
    some = (lengths > 0).to(sequence.device)[:, None]
    ends = [
        torch.where(some, end.index_select(1, as_given), old)
        for end, old in zip(last, start, strict=True)
    ]
    return outputs.where(some[..., None], 0.0), *ends


def _one_layer() -> tuple[bool, int, float, bool, bool]:
    """has_biases, num_layers, dropout, train (cuDNN finds no way back without), bidirectional."""
    return True, 1, 0.0, torch.is_grad_enabled(), False


def _state(parts: Tensors) -> Tensors | torch.Tensor:
    """The state as the kernels take it: the LSTM's is a pair, the others' a tensor."""
    return parts[0] if len(parts) == 1 else parts


def _together(weights: Tensors) -> Tensors:
    """The same weights; for cuDNN side by side in memory, which it would else do at every call."""
    if not weights[0].is_cuda:
        return weights
    sizes = [weight.numel() for weight in weights]
    flat = torch.cat([weight.flatten() for weight in weights]).split_with_sizes(sizes)
    return tuple(piece.view_as(weight) for piece, weight in zip(flat, weights, strict=True))


def _stacked(tensors: Sequence[torch.Tensor]) -> torch.Tensor:
    """The model axis put back; a single model is not copied for it."""
    return tensors[0][None] if len(tensors) == 1 else torch.stack(tuple(tensors))
