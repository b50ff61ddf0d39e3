import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from infra.local.cloud import LocalCloud, Ports, local_cloud
from infra.local.emulator import TEMPLATE, environment, session
from infra.local.program import HOST, free_ports, wait_until
from infra.local.scenes import scene
from tests.robustness.stores import check_cloud, keys, rows

SECONDS = 60


@pytest.fixture
def own(tmp_path: Path) -> Iterator[LocalCloud]:
    """A cloud whose table may be lost."""
    with local_cloud(tmp_path, Ports.free(), quiet=True) as running:
        yield running


def rebuild(endpoint_url: str) -> "subprocess.CompletedProcess[str]":
    """What `make rebuild` does when PixTag runs there."""
    command = [sys.executable, "-m", "infra.local.rebuild"]
    root = TEMPLATE.parents[2]
    variables = environment(endpoint_url)
    return subprocess.run(command, env=variables, cwd=root, check=False, capture_output=True, text=True)


def shown(client: httpx.Client, image_id: str) -> dict[str, Any]:
    """What the API tells of an image, but how often it was written and its links, whose time runs out."""
    answer = client.get(f"/images/{image_id}").raise_for_status().json()
    return {name: value for name, value in answer.items() if name not in {"version", "links"}}


def test_a_lost_table_is_there_again_after_one_command(own: LocalCloud) -> None:
    with own.person("ada@example.com") as client:
        file = {"file": ("stop.png", scene(stop_signs=2), "image/png")}
        image_id = client.post("/images", files=file).raise_for_status().headers["Location"].rpartition("/")[2]
        wait_until(lambda: not any(key.startswith("incoming/") for key in keys(own)), SECONDS, "It stays pending.")
        before = shown(client, image_id)
        dynamodb = session().client("dynamodb", endpoint_url=own.endpoint_url)
        for row in rows(own):
            key = {"pk": {"S": row["pk"]}, "sk": {"S": row["sk"]}}
            dynamodb.delete_item(TableName=own.environment["PIXTAG_TABLE"], Key=key)
        assert client.get(f"/images/{image_id}").status_code == httpx.codes.NOT_FOUND

        done = rebuild(own.endpoint_url)

        assert done.returncode == 0, done.stderr
        assert shown(client, image_id) == before
        assert client.get("/search", params={"q": "stop sign=2"}).json()["images"][0]["id"] == image_id
        check_cloud(own)


def test_where_nothing_runs_that_is_said() -> None:
    (port,) = free_ports(1)

    done = rebuild(f"http://{HOST}:{port}")

    assert (done.returncode, done.stderr) == (1, f'Could not connect to the endpoint URL: "http://{HOST}:{port}/"\n')
