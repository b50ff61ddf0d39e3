"""The commands of docs/emulators.md that run PixTag on an emulator with plain uvicorn."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from infra.local.cloud import LocalCloud
from infra.local.program import HOST, Program, find_free_ports
from infra.local.scenes import scene
from tests.support.documents import ROOT, list_blocks
from tests.support.http_uploads import count_tags, upload_with_form

DEPLOY = ".venv/bin/python -m infra.local.deploy"


def deploy(**variables: str) -> subprocess.CompletedProcess[str]:
    """Run the documented command that prints the environment, and then print it as Bash reads it."""
    script = f'set -e; output=$({DEPLOY}); source <(echo "$output"); env --null'
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_ENDPOINT_URL")}
    command = ["bash", "-c", script]
    return subprocess.run(command, cwd=ROOT, env=inherited | variables, check=False, capture_output=True, text=True)


@pytest.fixture
def client(cloud: LocalCloud, tmp_path: Path) -> Iterator[httpx.Client]:
    """A person who uses a second API. The worker and the mailbox are those of the documented commands."""
    output = deploy(AWS_ENDPOINT_URL=cloud.endpoint_url).stdout
    variables = dict(line.split("=", 1) for line in output.split("\0") if "=" in line)
    api_port, mailbox_port = find_free_ports(2)
    commands = {
        "API": ["uvicorn", "app.main:app", "--port", str(api_port)],
        "worker": ["infra.local.poller"],
        "mailbox": ["infra.local.mailbox", str(mailbox_port), str(tmp_path / "mails.jsonl")],
    }
    cloud.worker.stop()
    with ExitStack() as running:
        programs = {
            name: running.enter_context(Program(name, command, variables, tmp_path / name))
            for name, command in commands.items()
        }
        programs["API"].wait_for(f"http://{HOST}:{api_port}/health")
        programs["mailbox"].wait_for(f"http://{HOST}:{mailbox_port}/mailbox")
        with cloud.person("ada@uvicorn.example.com") as person:
            person.base_url = httpx.URL(f"http://{HOST}:{api_port}")
            yield person
    cloud.worker.start()


@pytest.mark.timeout(240)
def test_documented_programs_tag_a_photo(client: httpx.Client) -> None:
    (block,) = [block for block in list_blocks() if block.text.startswith(f"source <({DEPLOY})")]

    image = upload_with_form(client, scene(stop_signs=1))

    assert count_tags(image) == {"stop sign": 1}
    assert all(
        name in block.text for name in ("uvicorn app.main:app", "infra.local.poller", "infra.local.mailbox 8025")
    )


def test_deploy_without_an_emulator_is_one_sentence() -> None:
    url = f"http://{HOST}:{find_free_ports(1)[0]}"

    assert deploy().stderr == "Set AWS_ENDPOINT_URL to the URL of an emulator.\n"
    assert deploy(AWS_ENDPOINT_URL=url).stderr == (
        f"No emulator responds at {url}. Start it, or correct AWS_ENDPOINT_URL.\n"
    )
