"""Runs the examples of docs/clients.md against PixTag on one machine."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from infra.local.pixtag import PixTag
from tests.clients.typescript import run_program
from tests.support.documents import ROOT, find_block

PHOTO = ROOT / "docs" / "coffee.jpg"
URL = "http://127.0.0.1:8000"
EMAIL = "ada@example.com"
OUTPUT = ["photo.jpg {'cup': 1}", "cup: ['photo.jpg']", "cup, spoon: ['photo.jpg']"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copy(PHOTO, tmp_path / "photo.jpg")
    return tmp_path


def prepare(example: str, pixtag: PixTag) -> str:
    """Return an example with the address of this PixTag and with the address of a new account."""
    email = f"{uuid4()}@example.com"
    (password,) = re.findall(r'password\W+"(.*?)"', example)
    person = {"email": email, "password": password, "given_name": "Ada", "family_name": "Lovelace"}
    with httpx.Client(base_url=pixtag.url, trust_env=False) as client:
        client.post("/auth/register", json=person).raise_for_status()
        confirmation = {"email": email, "code": pixtag.find_code(email), "password": password}
        client.post("/auth/confirm", json=confirmation).raise_for_status()
    assert URL in example
    assert EMAIL in example
    return example.replace(URL, pixtag.url).replace(EMAIL, email)


def test_python_example_prints_tags_and_downloads_original(pixtag: PixTag, wheel: Path, folder: Path) -> None:
    program = prepare(find_block("import sys\nimport time").text, pixtag)

    variables = os.environ | {"PYTHONPATH": str(wheel), "NO_PROXY": "127.0.0.1"}
    process = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, env=variables, check=False, capture_output=True, text=True
    )

    assert process.stdout.splitlines() == OUTPUT, process.stderr
    assert (folder / "copy.jpg").read_bytes() == PHOTO.read_bytes()


def test_typescript_example_prints_tags_and_downloads_original(pixtag: PixTag, npm_package: Path, folder: Path) -> None:
    program = prepare(find_block("import { readFile, writeFile }").text, pixtag)

    output = run_program(program, folder, npm_package)

    assert output.replace("'", "").replace(" ", "") == "\n".join([*OUTPUT, ""]).replace("'", "").replace(" ", "")
    assert (folder / "copy.jpg").read_bytes() == PHOTO.read_bytes()
