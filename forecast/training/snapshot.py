"""Where learning stopped, as a checkpoint, so that it can go on another day."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from forecast.errors import CheckpointError
from forecast.training.checkpoint import Checkpoint, load, save
from forecast.training.course import Snapshot

PARTS = ("weights", "best", "means", "squares", "draws")
LOSSES = ("training", "validation")
FREE = ("minutes", "epochs")


def to_checkpoint(snapshot: Snapshot, about: Mapping[str, Any]) -> Checkpoint:
    """A snapshot with whatever belongs to it."""
    arrays = {
        f"{part}.{name}": tensor.detach().cpu().numpy()
        for part in PARTS
        for name, tensor in getattr(snapshot, part).items()
    }
    # As bits, since some losses are no numbers.
    arrays |= {f"{name}.": getattr(snapshot, name).numpy().view("int32") for name in LOSSES}
    told = {
        "steps": snapshot.steps,
        "seconds": snapshot.seconds,
        "best_epoch": list(snapshot.best_epoch),
    }
    return Checkpoint(arrays, {**about, "snapshot": told})


def from_checkpoint(checkpoint: Checkpoint) -> Snapshot:
    """The snapshot that was saved.

    Raises:
        CheckpointError: the checkpoint is that of something else.
    """
    try:
        told = checkpoint.about["snapshot"]
        parts: dict[str, dict[str, torch.Tensor]] = {part: {} for part in (*PARTS, *LOSSES)}
        for name, array in checkpoint.weights.items():
            part, _, own = name.partition(".")
            parts[part][own] = torch.tensor(array)
        training, validation = (parts.pop(name)[""].view(torch.float32) for name in LOSSES)
        return Snapshot(
            **parts,
            training=training,
            validation=validation,
            steps=int(told["steps"]),
            seconds=float(told["seconds"]),
            best_epoch=tuple(map(int, told["best_epoch"])),
        )
    except (KeyError, TypeError, ValueError) as error:
        reason = str(error)[:200] or type(error).__name__
        raise CheckpointError(f"{checkpoint.place} cannot go on ({reason}); fit again") from error


@dataclass(frozen=True, slots=True)
class Place:
    """The file in which the learning is kept that has this `about`: its data and settings."""

    path: Path
    about: Mapping[str, Any]

    def keep(self, snapshot: Snapshot) -> None:
        """Keep where learning is, in place of where it was.

        Raises:
            OutputError: the place cannot be written.
        """
        save(self.path, to_checkpoint(snapshot, self.about))

    def found(self) -> Snapshot | None:
        """Where the learning stopped, if any was kept.

        Minutes and epochs of the settings may be others: they count from the very start.

        Raises:
            CheckpointError: it cannot be read, or is of other data or with other settings.
        """
        if not os.path.lexists(self.path):
            return None
        saved = load(self.path, kept=True)
        told = saved.about.get("settings", {})
        differ = [
            name
            for group, chosen in self.about["settings"].items()
            for name, value in chosen.items()
            if name not in FREE and told.get(group, {}).get(name) != value
        ]
        data = {name: value for name, value in self.about.items() if name != "settings"}
        if any(saved.about.get(name) != value for name, value in data.items()):
            raise CheckpointError(
                f"{str(self.path)!r} is of other data; learn anew without --resume"
            )
        if differ:
            raise CheckpointError(
                f"{str(self.path)!r} was learned with another {', '.join(differ)}; choose the same,"
                " or learn anew without --resume"
            )
        return from_checkpoint(saved)
