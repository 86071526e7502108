"""Importing an object of the user's own code by its name, `MODULE:NAME`."""

import sys
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import Any

from forecast.errors import SettingError


def imported(name: str, folder: Path) -> Any:
    """The object `NAME` of the module `MODULE`, which is looked for in a folder first.

    `NAME` may be dotted, as `models:Mine.quick`.

    Raises:
        SettingError: the name is not of this form, there is no such module, the module raised
            something while it was imported, or it has no such name.
    """
    module, colon, path = name.partition(":")
    if not (colon and _dotted(module) and _dotted(path)):
        raise SettingError(f"a forecaster is named MODULE:NAME, as models:Mine; got {name!r}")
    found = _module(module, folder)
    for part in path.split("."):
        if not hasattr(found, part):
            near = get_close_matches(part, [each for each in dir(found) if each[0] != "_"], 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise SettingError(f"{module} has no {path!r}{hint}")
        found = getattr(found, part)
    return found


def _dotted(name: str) -> bool:
    return all(part.isidentifier() for part in name.split("."))


def _module(name: str, folder: Path) -> Any:
    # It stays on the path, for functions that import when they are called.
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name and (name == error.name or name.startswith(f"{error.name}.")):
            raise SettingError(
                f"no module {name!r} in {folder}, nor installed; name it without .py"
            ) from error
        raise SettingError(f"{name} needs the module {error.name!r}, which is missing") from error
    except SystemExit as error:
        raise SettingError(
            f"{name} ended the program when it was imported; put what it runs under"
            " if __name__ == '__main__'"
        ) from error
    except Exception as error:
        told = " ".join(str(error).split())[:200]
        raise SettingError(
            f"{name} raised {type(error).__name__} when it was imported: {told}"
        ) from error
