import shutil
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


BUILD: list[str | Path] = [UV, "build", "--offline", "--no-build-isolation", "--python", sys.executable]


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the source archive, and with the wheel, which is built from it."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run([*BUILD, "--out-dir", folder], cwd=ROOT, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def site(dist: Path) -> Path:
    """A folder with the contents of the wheel."""
    (wheel,) = dist.glob("*.whl")
    with ZipFile(wheel) as archive:
        archive.extractall(dist / "site")
    return dist / "site"


def test_wheel_declares_command_license_links_and_types(site: Path) -> None:
    (folder,) = site.glob("*.dist-info")
    distribution = PathDistribution(folder)
    metadata = distribution.metadata.json

    assert list(distribution.entry_points) == [EntryPoint("pixtag", "app.cli.main:main", "console_scripts")]
    assert (metadata["license_expression"], metadata["license_file"]) == ("MIT", "LICENSE")
    assert {"Framework :: FastAPI", "Typing :: Typed"} <= set(metadata["classifier"])
    assert {str(url).partition(",")[0] for url in metadata["project_url"]} >= {"Changelog", "Issues", "Source"}
    assert str(metadata["description"]).strip() == (ROOT / "README.md").read_text().strip()
    assert all((site / package / "py.typed").is_file() for package in ("app", "detector"))


def test_build_without_model_says_how_to_build_it(dist: Path, tmp_path: Path) -> None:
    (source,) = dist.glob("*.tar.gz")
    shutil.unpack_archive(source, tmp_path, filter="data")
    (checkout,) = tmp_path.iterdir()
    (checkout / "detector" / "model" / "model.onnx").unlink()

    build = subprocess.run(
        [*BUILD, "--wheel", "--out-dir", tmp_path], cwd=checkout, check=False, capture_output=True, text=True
    )

    assert build.returncode != 0
    assert "detector/model/model.onnx is missing. Run `make setup`, which builds it." in build.stderr


def test_wheel_contains_everything_that_pixtag_run_needs(site: Path, tmp_path: Path) -> None:
    with (site / "app" / "static" / "en" / "index.html").open("a") as page:
        page.write(MARK)
    only_wheel = {"PYTHONSAFEPATH": "1", "PYTHONPATH": str(site)}

    with run_pixtag(tmp_path / "data", variables=only_wheel) as pixtag, pixtag.person("ada@example.com") as client:
        page_text = httpx.get(pixtag.url, trust_env=False).text
        tags = count_tags(get_image(client, upload(client, scene(clocks=1))))

    assert page_text.endswith(MARK)
    assert tags == {"clock": 1}
