import shutil
from pathlib import Path

import pytest

from infra.build import node
from infra.local.pixtag import PixTag
from infra.local.scenes import scene
from tests.integration.conftest import Person

DOCUMENT = Path(__file__).parents[2] / "openapi.json"
PROGRAM = Path(__file__).with_name("typescript")
MODULES = "node_modules"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the program and its packages. The types are generated there."""
    for name in ("package.json", "tsconfig.json", "program.ts"):
        shutil.copy(PROGRAM / name, tmp_path)
    assert (PROGRAM / MODULES).is_dir(), "run make test, which installs the packages"
    (tmp_path / MODULES).symlink_to(PROGRAM / MODULES)
    return tmp_path


def test_typescript_program_with_generated_types_compiles_and_runs(
    folder: Path, person: Person, pixtag: PixTag
) -> None:
    picture = folder / "street.png"
    picture.write_bytes(scene(stop_signs=2))
    token = person().headers["Authorization"].removeprefix("Bearer ")

    commands = [
        # Members with a default are optional in requests.
        [
            f"{MODULES}/openapi-typescript/bin/cli.js",
            str(DOCUMENT),
            "--output=openapi.ts",
            "--default-non-nullable=false",
        ],
        [f"{MODULES}/typescript/bin/tsc"],
        ["built/program.js", pixtag.url, token, str(picture)],
    ]

    assert [node.run(["node", *command], folder) for command in commands] == [0, 0, 0]
