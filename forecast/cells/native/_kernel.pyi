"""What the compiled kernel offers; addresses are those of tensors that the caller keeps alive."""

CONTRACT: int

_View2 = tuple[int, tuple[int, int]]
_View3 = tuple[int, tuple[int, int, int]]
_Six = tuple[int, int, int, int, int, int]
_View4 = tuple[int, tuple[int, int, int, int]]

class _Layer:
    def __init__(
        self,
        kernel: int,
        kind: int,
        sizes: tuple[int, int, int, int, int],
        sequence: _View4,
        weights: tuple[int, int, int, int],
        hidden: _View3,
        memory: _View3,
        lengths: int,
        threads: int,
        /,
    ) -> None: ...
    @property
    def lanes(self) -> int: ...
    @property
    def tape_size(self) -> int: ...
    def forward(self, outputs: _View4, hidden: _View3, memory: _View3, tape: int, /) -> None: ...
    def backward(
        self,
        tape: int,
        outputs: _View4,
        hidden: _View3,
        memory: _View3,
        gradients: tuple[int, int, int, int],
        to_sequence: _View4,
        to_hidden: _View3,
        to_memory: _View3,
        /,
    ) -> None: ...

class _Learner:
    def __init__(
        self,
        kernel: int,
        kind: int,
        sizes: tuple[int, int, int],
        values: _Six,
        means: _Six,
        squares: _Six,
        clip: float,
        threads: int,
        /,
    ) -> None: ...
    def losses(
        self,
        sizes: tuple[int, int, int],
        places: int,
        sequence: _View4,
        targets: _View3,
        importance: _View2,
        loss: int,
        /,
    ) -> None: ...
    def step(
        self,
        sizes: tuple[int, int, int],
        places: int,
        sequence: _View4,
        targets: _View3,
        importance: _View2,
        loss: int,
        size: float,
        widen: float,
        /,
    ) -> None: ...

class Layer32(_Layer): ...
class Layer64(_Layer): ...
class Learner32(_Learner): ...
class Learner64(_Learner): ...

def kernels() -> list[str]: ...
def needs(kernel: int, kind: int, sizes: tuple[int, int, int, int, int], /) -> tuple[int, int]: ...
