"""The local cloud: PixTag on emulated AWS, for the development of the AWS adapters."""

import fcntl
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from itertools import takewhile
from pathlib import Path
from typing import Any

import httpx
import pytest

from infra.local import emulator
from infra.local.cloud import LocalCloud, Ports, StateInUse, local_cloud
from infra.local.emulator import TEMPLATE, CodeNotFound, TemplateChanged, confirmation_code
from infra.local.program import HOST, PortTaken, ProgramEnded, is_up, wait_until
from infra.local.scenes import scene
from tests.robustness.stores import check_cloud, keys, rows
from tests.support.documents import ROOT, find_block, run_bash
from tests.support.http_uploads import count_tags, get_image, upload

SECONDS = 30


@pytest.fixture
def ports() -> Ports:
    return Ports.find_free()


@contextmanager
def command(*options: str, **variables: str) -> Iterator[subprocess.Popen[str]]:
    """Run `python -m infra.local` as from a terminal, and terminate it after the block."""
    with subprocess.Popen(
        [sys.executable, "-m", "infra.local", *options],
        env=os.environ | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=TEMPLATE.parents[2],
    ) as process:
        try:
            yield process
        finally:
            process.terminate()


def read_greeting(process: subprocess.Popen[str]) -> str:
    """Return the output of the command up to the line about Ctrl-C, after which it is ready."""
    assert process.stdout
    return "".join(takewhile(lambda line: "Ctrl-C" not in line, process.stdout))


def make_options(state: Path, ports: Ports) -> list[str]:
    numbers = {"--port": ports.api, "--aws-port": ports.aws, "--mailbox-port": ports.mailbox}
    return ["--state", str(state), *(f"{option}={number}" for option, number in numbers.items())]


def is_closed(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) != 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_command_prints_urls_and_stops_its_programs_on_signal(
    cloud: LocalCloud, tmp_path: Path, ports: Ports, number: signal.Signals
) -> None:
    with command(*make_options(tmp_path, ports), AWS_ENDPOINT_URL=cloud.endpoint_url) as process:
        greeting = read_greeting(process)
        is_api_up = is_up(f"http://{HOST}:{ports.api}/health")
        process.send_signal(number)
        output, _ = process.communicate(timeout=SECONDS)

    assert is_api_up
    assert f"http://{HOST}:{ports.api}/docs" in greeting
    assert f"http://{HOST}:{ports.mailbox}/mailbox" in greeting
    assert cloud.endpoint_url in greeting
    # The API may log a health check before the last line.
    assert (process.returncode, output.splitlines()[-1]) == (0, "PixTag has stopped.")
    assert all(map(is_closed, asdict(ports).values()))
    assert is_up(f"{cloud.endpoint_url}/_ministack/ready")


def test_command_with_port_in_use_names_port_and_option(tmp_path: Path, ports: Ports) -> None:
    with socket.create_server((HOST, ports.api)), command(*make_options(tmp_path, ports)) as process:
        _, error = process.communicate(timeout=SECONDS)

    assert process.returncode == 1
    assert error == f"Port {ports.api}: Address already in use. Choose another with --port.\n"


@pytest.mark.parametrize(("program", "option"), [("aws", "--aws-port"), ("mailbox", "--mailbox-port")])
def test_local_cloud_with_port_in_use_raises_port_taken(
    tmp_path: Path, ports: Ports, program: str, option: str
) -> None:
    port = asdict(ports)[program]
    instance = local_cloud(tmp_path, ports)

    with (
        socket.create_server((HOST, port)),
        ExitStack() as stack,
        pytest.raises(PortTaken, match=f"{port}: Address already in use. Choose another with {option}"),
    ):
        stack.enter_context(instance)


@pytest.fixture
def locked_folder(tmp_path: Path) -> Iterator[Path]:
    """A data folder that another local cloud uses."""
    with (tmp_path / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield tmp_path


def test_local_cloud_with_state_in_use_raises_state_in_use(locked_folder: Path, ports: Ports) -> None:
    instance = local_cloud(locked_folder, ports)

    with ExitStack() as stack, pytest.raises(StateInUse, match="--state"):
        stack.enter_context(instance)


def test_command_without_emulator_at_endpoint_url_names_url(tmp_path: Path, ports: Ports) -> None:
    url = f"http://{HOST}:{ports.aws}"

    with command(*make_options(tmp_path, ports), AWS_ENDPOINT_URL=url) as process:
        _, error = process.communicate(timeout=SECONDS)

    assert (process.returncode, error) == (1, f'Could not connect to the endpoint URL: "{url}/"\n')


def test_local_cloud_accepts_no_connections_at_other_addresses(cloud: LocalCloud) -> None:
    for url in (cloud.url, cloud.endpoint_url, cloud.mailbox_url):
        port = httpx.URL(url).port
        assert port
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(("127.0.0.2", port), SECONDS)


def test_confirmation_code_for_unknown_address_raises_no_code(cloud: LocalCloud) -> None:
    with pytest.raises(CodeNotFound, match=r"stranger@example\.com"):
        confirmation_code(cloud.endpoint_url, "stranger@example.com")


def test_local_cloud_with_changed_template_says_how_to_reset(
    cloud: LocalCloud, tmp_path: Path, ports: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    template = tmp_path / "template.yaml"
    template.write_text(TEMPLATE.read_text() + "# a change\n")
    monkeypatch.setattr(emulator, "TEMPLATE", template)

    another_cloud = local_cloud(tmp_path, ports, endpoint_url=cloud.endpoint_url)

    with ExitStack() as stack, pytest.raises(TemplateChanged, match=re.escape("rm -r .pixtag")):
        stack.enter_context(another_cloud)


def test_local_cloud_sets_redrive_policy_and_time_to_live(cloud: LocalCloud) -> None:
    sqs = emulator.session().client("sqs", endpoint_url=cloud.endpoint_url)
    dynamodb = emulator.session().client("dynamodb", endpoint_url=cloud.endpoint_url)

    queue = sqs.get_queue_attributes(QueueUrl=cloud.environment["PIXTAG_QUEUE_URL"], AttributeNames=["All"])
    time_to_live = dynamodb.describe_time_to_live(TableName=cloud.environment["PIXTAG_TABLE"])

    assert '"maxReceiveCount": 5' in queue["Attributes"]["RedrivePolicy"]
    assert time_to_live["TimeToLiveDescription"] == {"AttributeName": "expires_at", "TimeToLiveStatus": "ENABLED"}


def test_local_cloud_after_restart_has_same_images_until_a_program_ends(tmp_path: Path, ports: Ports) -> None:
    with local_cloud(tmp_path, ports, quiet=True) as cloud, cloud.person("ada@example.com") as client:
        url = upload(client, scene(stop_signs=1))
        token = client.headers["Authorization"]
        check_rebuild(cloud, client, url, tmp_path)
        check_restart_of_worker(cloud)

    with (
        local_cloud(tmp_path, ports, quiet=True) as cloud,
        httpx.Client(base_url=cloud.url, headers={"Authorization": token}, trust_env=False) as client,
    ):
        assert count_tags(get_image(client, url)) == {"stop sign": 1}
        (image,) = client.get("/search", params={"q": "stop sign"}).json()["images"]
        assert httpx.get(image["links"]["preview"]).headers["Content-Type"] == "image/jpeg"
        check_api_without_aws(cloud, client)


def check_restart_of_worker(cloud: LocalCloud) -> None:
    """Assert that a worker that exceeds its time limit is restarted, and that another end is an error."""
    with ThreadPoolExecutor(1) as pool:
        watch = pool.submit(cloud.watch)
        hanging_pid = cloud.worker.pid

        os.kill(hanging_pid, signal.SIGALRM)

        wait_until(
            lambda: cloud.worker.pid != hanging_pid and cloud.worker.status is None,
            SECONDS,
            "The worker is not restarted.",
        )
        cloud.worker.kill()
        with pytest.raises(ProgramEnded, match=r"The worker ended with status -9"):
            watch.result()


def check_rebuild(cloud: LocalCloud, client: httpx.Client, url: str, folder: Path) -> None:
    """Assert that the documented command restores an image with its tags after the loss of the table."""
    wait_until(
        lambda: not any(key.startswith("incoming/") for key in keys(cloud)), SECONDS, "The upload is not deleted."
    )
    image_before = get_stable_members(client, url)
    dynamodb = emulator.session().client("dynamodb", endpoint_url=cloud.endpoint_url)
    for row in rows(cloud):
        key = {"pk": {"S": row["pk"]}, "sk": {"S": row["sk"]}}
        dynamodb.delete_item(TableName=cloud.environment["PIXTAG_TABLE"], Key=key)
    assert client.get(url).status_code == httpx.codes.NOT_FOUND
    (folder / ".venv").symlink_to(sys.prefix)

    script = find_block(".venv/bin/python -m app.cli rebuild").text
    run_bash(script, folder, PYTHONPATH=str(ROOT), **cloud.environment)

    assert get_stable_members(client, url) == image_before
    assert client.get("/search", params={"q": "stop sign=1"}).json()["images"][0]["id"] == image_before["id"]
    check_cloud(cloud)


def get_stable_members(client: httpx.Client, url: str) -> dict[str, Any]:
    """Return an image without its version and its links, which change."""
    return {name: value for name, value in get_image(client, url).items() if name not in {"version", "links"}}


def check_api_without_aws(cloud: LocalCloud, client: httpx.Client) -> None:
    """Assert that the API responds with 503 and Retry-After after the emulator is killed."""
    assert cloud.emulator
    cloud.emulator.kill()

    paths = ["/images", "/tags", "/search?q=dog", "/subscriptions", "/usage", f"/images/{'0' * 26}", "/auth/me"]
    responses = [client.get(path) for path in paths]

    outcomes = {(response.status_code, int(response.headers["Retry-After"]) > 0) for response in responses}
    assert outcomes == {(503, True)}
    assert client.post("/uploads", json={"name": "a.png", "type": "image/png", "size": 1}).status_code == 503
    assert client.get("/health").status_code == client.get("/").status_code == 200
