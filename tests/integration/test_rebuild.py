import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from infra.local.cloud import LocalCloud, Ports, local_cloud
from infra.local.emulator import session
from infra.local.program import wait_until
from infra.local.scenes import scene
from tests.robustness.stores import check_cloud, keys, rows
from tests.support.documents import ROOT, find_block, run_bash
from tests.support.http_uploads import upload

SECONDS = 60


@pytest.fixture(scope="module")
def own_cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    """A cloud of these tests alone: its table can be emptied, and it has no failed uploads, which fail a rebuild."""
    with local_cloud(tmp_path_factory.mktemp("rebuild"), Ports.find_free(), quiet=True) as cloud:
        yield cloud


def rebuild(cloud: LocalCloud) -> "subprocess.CompletedProcess[str]":
    """Run the command of the documents against the cloud."""
    command = [sys.executable, "-m", "app.cli", "rebuild"]
    return subprocess.run(command, env=cloud.environment, cwd=ROOT, check=False, capture_output=True, text=True)


def get_stable_members(client: httpx.Client, image_id: str) -> dict[str, Any]:
    """Return an image without its version and its links, which change."""
    image = client.get(f"/images/{image_id}").raise_for_status().json()
    return {name: value for name, value in image.items() if name not in {"version", "links"}}


def test_rebuild_with_empty_table_restores_images(own_cloud: LocalCloud) -> None:
    with own_cloud.person("ada@example.com") as client:
        image_id = upload(client, scene(stop_signs=2)).rpartition("/")[2]
        wait_until(
            lambda: not any(key.startswith("incoming/") for key in keys(own_cloud)),
            SECONDS,
            "The uploaded object is not deleted.",
        )
        image_before = get_stable_members(client, image_id)
        dynamodb = session().client("dynamodb", endpoint_url=own_cloud.endpoint_url)
        for row in rows(own_cloud):
            key = {"pk": {"S": row["pk"]}, "sk": {"S": row["sk"]}}
            dynamodb.delete_item(TableName=own_cloud.environment["PIXTAG_TABLE"], Key=key)
        assert client.get(f"/images/{image_id}").status_code == httpx.codes.NOT_FOUND

        process = rebuild(own_cloud)

        assert process.returncode == 0, process.stderr
        assert get_stable_members(client, image_id) == image_before
        assert client.get("/search", params={"q": "stop sign=2"}).json()["images"][0]["id"] == image_id
        check_cloud(own_cloud)


def test_rebuild_command_runs_with_environment_of_worker(own_cloud: LocalCloud, tmp_path: Path) -> None:
    (tmp_path / ".venv").symlink_to(sys.prefix)

    script = find_block(".venv/bin/python -m app.cli rebuild").text
    run_bash(script, tmp_path, PYTHONPATH=str(ROOT), **own_cloud.environment)
