"""Finds the files of the web UI."""

from pathlib import Path
from typing import Final

from app.api.languages import LANGUAGES
from app.domain import errors

# A wheel contains the built UI in `app/static`. In a checkout, Vite writes it to `static/dist`. The pages of each
# language have a folder of their own. All languages have their other files in `assets`.
UI_FOLDERS: Final = (Path(__file__).parents[1] / "static", Path(__file__).parents[2] / "static" / "dist")


def ui_folder() -> Path:
    """Return the folder with the built UI.

    Raises:
        UiNotBuilt: this installation does not include the web UI.
    """
    folder = next((folder for folder in UI_FOLDERS if all((folder / each).is_dir() for each in LANGUAGES)), None)
    if not folder:
        raise errors.UiNotBuilt
    return folder
