"""Compiles and runs TypeScript programs that use the npm package."""

import json
import subprocess
from pathlib import Path
from typing import Final

from infra.build import node
from infra.build.clients.__main__ import ROOT

MODULES: Final = ROOT / "infra" / "build" / "clients" / "typescript" / "node_modules"
OPTIONS: Final = {
    "target": "ES2022",
    "module": "NodeNext",
    "types": ["node"],
    "strict": True,
    "noUncheckedIndexedAccess": True,
    "exactOptionalPropertyTypes": True,
    "skipLibCheck": True,
    "outDir": "built",
}


def run_program(program: str, folder: Path, npm_package: Path, *arguments: str) -> str:
    """Compile a program in a folder with strict types, run it there, and return its output."""
    modules = folder / "node_modules"
    modules.mkdir()
    (modules / "pixtag-client").symlink_to(npm_package)
    (modules / "@types").symlink_to(MODULES / "@types")
    (folder / "package.json").write_text('{"type": "module"}')
    (folder / "tsconfig.json").write_text(json.dumps({"compilerOptions": OPTIONS, "files": ["program.ts"]}))
    (folder / "program.ts").write_text(program)
    assert node.run(["node", str(MODULES / "typescript" / "bin" / "tsc")], folder) == 0
    programs = node.find_folder()
    assert programs
    process = subprocess.run(
        [programs / "node", "built/program.js", *arguments], cwd=folder, check=False, capture_output=True, text=True
    )
    assert process.returncode == 0, process.stderr
    return process.stdout
