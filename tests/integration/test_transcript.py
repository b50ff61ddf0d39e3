"""The session on the page of the command line: from the wheel to a restored library with the same photos and tags."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Final

import httpx
import pytest

from app.client.imports.xmp_sidecars import parse_xmp
from infra.local.program import find_free_ports
from tests.support.documents import ROOT
from tests.support.sampling import TORTURE, rounds
from tests.support.transcripts import Step, normalize, open_shell, read_transcript

pytestmark = pytest.mark.timeout(rounds(180, 600))

PHOTOS: Final = rounds(16, 200)
PASSWORD: Final = "a laptop holds no secrets"
EMAIL: Final = "ada@example.com"
NEWEST: Final = 1_769_876_400  # 2026-01-31 16:20 UTC
VENV: Final = "python3 -m venv venv"
PIP: Final = '#!/bin/sh\nexec "${0%pip}python" -m pip "$@"\n'  # the pip of the tests
STEPS: Final = read_transcript("docs/command-line.md", "A first look")
EXIFTOOL: Final = next(step for step in STEPS if step.command.startswith("exiftool "))
UV: Final = Path(sys.executable).with_name("uv")


def make_photos(folder: Path) -> None:
    """Make different photos, the first of which is the newest, and a text file."""
    samples = sorted((ROOT / "static" / "src" / "samples").glob("*.jpg"))
    folder.mkdir(parents=True)
    for number in range(PHOTOS):
        photo = folder / f"IMG_{number + 1:04}.jpg"
        photo.write_bytes(samples[number % len(samples)].read_bytes() + number.to_bytes(2))
        os.utime(photo, (NEWEST - number, NEWEST - number))
    (folder / "notes.txt").write_text("A day in the town")


def register(url: str) -> None:
    """Register an account as the web UI does."""
    account = {"email": EMAIL, "password": PASSWORD, "given_name": "Ada", "family_name": "Lovelace"}
    with httpx.Client(base_url=url, trust_env=False) as client:
        client.post("/auth/register", json=account).raise_for_status()
        (code, *_) = re.findall(r"\b\d{6}\b", client.get("/mailbox.json", params={"to": EMAIL}).text)
        confirmation = {"email": EMAIL, "code": code, "password": PASSWORD}
        client.post("/auth/confirm", json=confirmation).raise_for_status()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty folder in the home of a person, with the wheel and photos."""
    folder = tmp_path_factory.mktemp("home") / "try"
    make_photos(folder / "photos")
    build = [str(UV), "build", "--wheel", "--offline", "--no-build-isolation", "--python", sys.executable]
    subprocess.run([*build, "--out-dir", str(folder)], cwd=ROOT, check=True, capture_output=True)
    return folder


def make_cheap_venv(folder: Path) -> str:
    """Return a command for a virtual environment without its own pip, which would cost 3 CPU seconds."""
    pip = folder / "venv" / "bin" / "pip"
    pip.parent.mkdir(parents=True)
    pip.write_text(PIP)
    pip.chmod(0o755)
    return f"{VENV} --without-pip"


def list_variables(folder: Path) -> dict[str, str]:
    """Return an environment in which pip finds the locked packages without a network."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("PIXTAG_", "PYTHON", "XDG_"))}
    path = os.pathsep.join([str(folder / "venv" / "bin"), str(Path(sys.executable).parent), os.environ["PATH"]])
    offline = {"PIP_NO_DEPS": "1", "PIP_NO_INDEX": "1", "PYTHONPATH": sysconfig.get_path("purelib")}
    return own | offline | {"HOME": str(folder.parent), "PATH": path, "TZ": "UTC", "NO_PROXY": "*"}


@pytest.fixture(scope="module")
def outputs(folder: Path) -> dict[str, str]:
    """The outputs of the commands of the session, by their commands. Between them, a person registers."""
    ports = dict(zip(("8000", "8001"), map(str, find_free_ports(2)), strict=True))
    objects = folder / "library" / "objects"
    outputs: dict[str, str] = {}

    def is_underway() -> bool:
        return len({file.name for file in objects.glob("*/*/*")}) > 2  # the first photo is in the index then

    with open_shell(folder, list_variables(folder), PASSWORD, is_underway) as shell:
        for step in STEPS:
            if step != EXIFTOOL:
                command = re.sub("800[01]", lambda port: ports[port[0]], step.command)
                if command == VENV and not TORTURE:
                    command = make_cheap_venv(folder)
                output = shell.run(Step(command, step.output)).replace(str(folder.parent), "/srv/ada")
                for shown, real in ports.items():
                    output = output.replace(f":{real}", f":{shown}")
                outputs[step.command] = output
            if step.command.endswith("--data library") and "run" in step.command:
                register(f"http://127.0.0.1:{ports['8000']}")
        assert shell.stop() == [0, 0]
    return outputs


def make_comparable(step: Step, output: str) -> str:
    """Return an output without what differs between two runs, or between few photos and 200."""
    output = normalize(output.replace("200", str(PHOTOS)))
    is_variable = step.command.startswith("pixtag upload ") or (not TORTURE and step.command.startswith("pixtag tag "))
    return re.sub(r"\d+( photo\b)?", lambda number: "N photos" if number[1] else "N", output) if is_variable else output


def test_session_prints_what_its_page_shows(outputs: dict[str, str]) -> None:
    for step in STEPS:
        if step != EXIFTOOL:
            assert make_comparable(step, outputs[step.command]) == make_comparable(step, step.output), step.command


def test_interrupted_upload_continues(outputs: dict[str, str]) -> None:
    first, second = (
        [int(number) for number in re.findall(r"(?:Sent|Known:|run:) (\d+)", output)]
        for command, output in outputs.items()
        if command.startswith("pixtag upload ")
    )

    assert first[1:] == [0, 0]
    assert 0 < first[0] < PHOTOS
    assert second[2] == first[0]
    assert sum(second) == PHOTOS


def test_session_keeps_originals_and_their_tags(outputs: dict[str, str], folder: Path) -> None:
    for photo in (folder / "photos").glob("*.jpg"):
        copy = folder / "restored-originals" / photo.name
        metadata, is_damaged = parse_xmp(copy.with_name(f"{photo.name}.xmp").read_bytes())
        assert copy.read_bytes() == photo.read_bytes()
        assert not is_damaged
        assert ("stop sign" in metadata.keywords) == ("sign post" in metadata.keywords)
        assert "holiday" in metadata.keywords


def test_own_reader_reads_sidecar_as_exiftool_does(outputs: dict[str, str], folder: Path) -> None:
    metadata, _ = parse_xmp((folder / EXIFTOOL.command.split()[-1]).read_bytes())

    assert ", ".join(metadata.keywords) == EXIFTOOL.output.strip()


@pytest.mark.skipif(not shutil.which("exiftool"), reason="exiftool is not installed")
def test_exiftool_reads_sidecar(outputs: dict[str, str], folder: Path) -> None:
    program = subprocess.run(EXIFTOOL.command.split(), cwd=folder, check=True, capture_output=True, text=True)

    assert program.stdout == EXIFTOOL.output
