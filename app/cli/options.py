"""Defines the options and the exit status that several commands share."""

import os
import shlex
from contextvars import ContextVar
from pathlib import Path
from typing import Annotated, Final

import typer

INTERRUPTED: Final = 130  # the exit status of programs that Ctrl-C has ended

_given_data: Final = ContextVar[Path | None]("_given_data", default=None)


def use_folder(data: Path | None) -> Path | None:
    """Make the folder the data folder of this process, if it is given."""
    _given_data.set(data)
    if data:
        os.environ["PIXTAG_DATA"] = str(data)
    return data


def describe_command(*arguments: str | Path) -> str:
    """Return a command for the same data folder, as a person types it."""
    data = _given_data.get()
    return shlex.join(["pixtag", *map(str, arguments), *(["--data", str(data)] if data else [])])


DataOption = Annotated[
    Path | None,
    typer.Option(
        help="The folder for all data. The default is PIXTAG_DATA, or pixtag-data.",
        metavar="FOLDER",
        callback=use_folder,
        readable=False,  # `DataFolder` says who owns a folder that cannot be read
    ),
]
