"""The libraries of the extras, imported where they are needed, so that nothing else needs them."""

from importlib import import_module
from typing import Any

from forecast.errors import SettingError


def extra(name: str, lacking: str) -> Any:
    """A module of an extra.

    Raises:
        SettingError: it is not installed, in the words of `lacking`.
    """
    try:
        return import_module(name)
    except ImportError as error:
        raise SettingError(lacking) from error
