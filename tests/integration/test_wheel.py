import subprocess
import sys
from importlib.metadata import EntryPoint, PathDistribution
from pathlib import Path
from zipfile import ZipFile

import httpx
import pytest

from infra.local.pixtag import run_pixtag
from infra.local.scenes import scene
from tests.support.documents import ROOT
from tests.support.http_uploads import count_tags, get_image, upload

UV = Path(sys.executable).with_name("uv")
MARK = "<!-- from the wheel -->"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the contents of the wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    build: list[str | Path] = [
        UV,
        "build",
        "--quiet",
        "--offline",
        "--wheel",
        "--no-build-isolation",
        "--python",
        sys.executable,
    ]
    subprocess.run([*build, "--out-dir", folder], cwd=ROOT, check=True)
    (wheel,) = folder.glob("*.whl")
    with ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def test_wheel_declares_the_command(site: Path) -> None:
    (metadata,) = site.glob("*.dist-info")

    assert list(PathDistribution(metadata).entry_points) == [
        EntryPoint("pixtag", "app.cli.main:main", "console_scripts")
    ]


def test_wheel_contains_everything_that_pixtag_run_needs(site: Path, tmp_path: Path) -> None:
    with (site / "app" / "static" / "index.html").open("a") as page:
        page.write(MARK)
    only_wheel = {"PYTHONSAFEPATH": "1", "PYTHONPATH": str(site)}

    with run_pixtag(tmp_path / "data", variables=only_wheel) as pixtag, pixtag.person("ada@example.com") as client:
        page_text = httpx.get(pixtag.url, trust_env=False).text
        tags = count_tags(get_image(client, upload(client, scene(clocks=1))))

    assert page_text.endswith(MARK)
    assert tags == {"clock": 1}
