"""Adds the model and the built web UI to the source archive and the wheel, so that `pixtag run` needs nothing else.

Hatchling calls this build hook, also for `pip install .`. `make setup` builds the model and the web UI.
"""

import sys
from pathlib import Path
from typing import Any, Final

from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

MODEL: Final = "detector/model/model.onnx"
ADDED: Final = {
    MODEL: MODEL,
    "static/dist": "app/static",
}


class CompletePackage(BuildHookInterface[BuilderConfig]):
    """Adds the model and the web UI, which are not in the repository."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the files. Skip editable installations, which use the files of the checkout.

        In the source archive, the files have the same paths as in a checkout.
        """
        if version == "editable":
            return
        for source, target in ADDED.items():
            path = Path(self.root) / source
            if not path.exists():
                sys.exit(f"{source} is missing. Run `make setup`, which builds it. Then install or build PixTag again.")
            build_data["force_include"][str(path.resolve())] = source if self.target_name == "sdist" else target
