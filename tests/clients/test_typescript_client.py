from pathlib import Path
from uuid import uuid4

from infra.local.pixtag import PixTag
from infra.local.scenes import scene
from tests.clients.typescript import run_program

PROGRAM = Path(__file__).with_name("program.ts")


def test_typescript_program_compiles_and_runs(pixtag: PixTag, npm_package: Path, tmp_path: Path) -> None:
    picture = tmp_path / "street.png"
    picture.write_bytes(scene(stop_signs=2))
    with pixtag.person(f"{uuid4()}@example.com") as client:
        token = client.headers["Authorization"].removeprefix("Bearer ")

        run_program(PROGRAM.read_text(), tmp_path, npm_package, pixtag.url, token, str(picture))
