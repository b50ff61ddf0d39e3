import json
import shutil
from pathlib import Path
from zipfile import ZipFile

import pytest

from infra.build.clients.__main__ import DIST, DOCUMENT

VERSION = json.loads(DOCUMENT.read_text())["info"]["version"]


def find_package(name: str) -> Path:
    path = DIST / name
    assert path.is_file(), "run make clients, which builds the packages"
    return path


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the contents of the wheel of the Python client."""
    folder = tmp_path_factory.mktemp("wheel")
    with ZipFile(find_package(f"pixtag_client-{VERSION}-py3-none-any.whl")) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture(scope="session")
def npm_package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the contents of the npm package of the TypeScript client."""
    folder = tmp_path_factory.mktemp("npm")
    shutil.unpack_archive(find_package(f"pixtag-client-{VERSION}.tgz"), folder, "gztar", filter="data")
    return folder / "package"
