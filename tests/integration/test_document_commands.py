"""Commands from the documents, run against PixTag on one machine."""

import re
import sys
from functools import partial
from pathlib import Path
from uuid import uuid4

from infra.local.pixtag import PixTag
from infra.local.program import wait_until
from infra.local.scenes import scene
from tests.support.documents import BUILD_COMMAND, ROOT, find_block, run_bash

SECONDS = 30


def test_commands_of_readme_upload_and_find_photo(pixtag: PixTag, tmp_path: Path) -> None:
    script = find_block("api=").text.replace("http://127.0.0.1:8000", pixtag.url).replace("ada@", f"{uuid4()}@")
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    search = script.splitlines()[-1]

    run_bash(f"{script}\necho $token > token", tmp_path)

    repeated_search = f"api={pixtag.url} token=$(cat token)\n{search}"
    wait_until(lambda: '"tag":"cup"' in run_bash(repeated_search, tmp_path), SECONDS, "No cup is found.")


def test_export_loop_exports_whole_library(pixtag: PixTag, tmp_path: Path) -> None:
    script = find_block("page=").text.replace("http://127.0.0.1:8000", pixtag.url)
    with pixtag.person(f"{uuid4()}@example.com") as client:
        for signs in (1, 2):
            file = {"file": ("stop.png", scene(stop_signs=signs), "image/png")}
            client.post("/images", files=file).raise_for_status()
        search = partial(client.get, "/search", params={"q": "stop sign"})
        wait_until(lambda: len(search().json()["images"]) == 2, SECONDS, "The images are not found.")

        run_bash(script, tmp_path, TOKEN=client.headers["Authorization"].removeprefix("Bearer "))

    header, *rows = (tmp_path / "library.csv").read_text(encoding="utf-8-sig").splitlines()
    assert header.startswith("id,")
    assert len(rows) == 2


def test_detector_command_detects_objects_and_draws_boxes(tmp_path: Path) -> None:
    (tmp_path / ".venv").symlink_to(sys.prefix)
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "stop.png").write_bytes(scene(stop_signs=1))

    output = run_bash(find_block(".venv/bin/python -m detector photos/").text, tmp_path, PYTHONPATH=str(ROOT))

    assert output.count("stop sign") >= 2
    assert [path.name for path in (tmp_path / "boxes").iterdir()] == ["stop.png.jpg"]


def test_options_of_the_build_commands_exist() -> None:
    # `make setup` runs the first command, and the tests in tests/unit/detector/conversion run the others.
    help_text = run_bash(f"{sys.executable} -m detector build --help", ROOT)

    options = set(re.findall(r"--[a-z0-9-]+", find_block(BUILD_COMMAND).text))

    assert options == {option for option in options if option in help_text}
