"""Defines the options and the exit status that several commands share."""

import os
from pathlib import Path
from typing import Annotated, Final

import typer

INTERRUPTED: Final = 130  # the exit status of programs that Ctrl-C has ended


def use_folder(data: Path | None) -> Path | None:
    """Make the folder the data folder of this process, if it is given."""
    if data:
        os.environ["PIXTAG_DATA"] = str(data)
    return data


DataOption = Annotated[
    Path | None,
    typer.Option(
        help="The folder for all data. The default is PIXTAG_DATA, or pixtag-data.",
        metavar="FOLDER",
        callback=use_folder,
        readable=False,  # `DataFolder` says who owns a folder that cannot be read
    ),
]
