"""Clients of two more generators: they are generated without warnings, and use PixTag on one machine."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from infra.build.clients.__main__ import DOCUMENT
from infra.local.pixtag import PixTag
from infra.local.scenes import scene
from tests.clients.tools import FOLDER, run_node, run_python_tool, run_tool
from tests.clients.typescript import OPTIONS

PROGRAMS = Path(__file__).parent
# The generator says the first of any OpenAPI 3.1 document. The second is about fields that can be null.
USUAL_WARNINGS = ("OpenAPI 3.1 support is still in beta", "Failed to get the schema name: null")
ORVAL = {"client": "fetch", "mode": "single", "target": "pixtag.ts"}


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A picture with two stop signs."""
    path = tmp_path / "street.png"
    path.write_bytes(scene(stop_signs=2))
    return path


@pytest.fixture
def token(pixtag: PixTag) -> Iterator[str]:
    """The access token of a new person."""
    with pixtag.person(f"{uuid4()}@example.com") as client:
        yield client.headers["Authorization"].removeprefix("Bearer ")


def test_openapi_generator_generates_client_that_uses_pixtag(
    pixtag: PixTag, token: str, picture: Path, tmp_path: Path
) -> None:
    options: list[str | Path] = [
        "-i",
        DOCUMENT,
        "-g",
        "python",
        "-o",
        "generated",
        "--additional-properties=packageName=pixtag_openapi",
    ]
    log = run_python_tool("openapi-generator-cli", "generate", *options, cwd=tmp_path)

    warnings = [line for line in log.splitlines() if re.search(r"\b(WARN|ERROR)\b", line)]
    assert [line for line in warnings if not any(usual in line for usual in USUAL_WARNINGS)] == []
    program = PROGRAMS / "openapi_generator_program.py"
    path = str(tmp_path / "generated")
    run_python_tool("python", program, pixtag.url, token, picture, cwd=tmp_path, PYTHONPATH=path, NO_PROXY="127.0.0.1")


def test_orval_generates_client_that_uses_pixtag(pixtag: PixTag, token: str, picture: Path, tmp_path: Path) -> None:
    output = ORVAL | {"baseUrl": pixtag.url}
    config = {"pixtag": {"input": str(DOCUMENT), "output": output}}
    (tmp_path / "orval.config.mjs").write_text(f"export default {json.dumps(config)};")
    (tmp_path / "package.json").write_text('{"type": "module"}')
    (tmp_path / "node_modules").symlink_to(FOLDER / "node_modules")
    shutil.copy(PROGRAMS / "orval_program.ts", tmp_path)
    (tmp_path / "tsconfig.json").write_text(json.dumps({"compilerOptions": OPTIONS, "files": ["orval_program.ts"]}))

    log = run_tool("orval", "--config", "orval.config.mjs", cwd=tmp_path)
    run_tool("tsc", cwd=tmp_path)

    assert not re.search("warn|error", log, re.IGNORECASE)
    run_node("built/orval_program.js", token, picture, cwd=tmp_path)
