"""The local cloud: PixTag on emulated AWS, for the development of the AWS adapters."""

import json
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

from app.services.queue_worker import TRIES
from infra.local import emulator
from infra.local.cloud import LocalCloud, Ports, local_cloud
from infra.local.emulator import TEMPLATE, CodeNotFound, TemplateChanged, confirmation_code, ministack
from infra.local.program import HOST, PortTaken, ProgramEnded, is_up, wait_until
from infra.local.scenes import scene
from tests.robustness.stores import check_cloud, keys, rows
from tests.support.documents import ROOT, find_block, run_bash
from tests.support.http_uploads import get_image, upload
from tests.support.pixtag_commands import KEEP_HANGUP

SECONDS = 30


@pytest.fixture
def ports() -> Ports:
    return Ports.find_free()


@contextmanager
def command(*options: str, **variables: str) -> Iterator[subprocess.Popen[str]]:
    """Run `pixtag run --aws emulator` as from a terminal, and terminate it after the block."""
    with subprocess.Popen(
        [*KEEP_HANGUP, sys.executable, "-m", "app.cli", "run", "--aws", "emulator", *options],
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


def is_closed(url: str) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, httpx.URL(url).port or 0)) != 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_command_prints_urls_and_stops_its_programs_on_signal(cloud: LocalCloud, number: signal.Signals) -> None:
    with command("--port", "0", "--verbose", AWS_ENDPOINT_URL=cloud.endpoint_url) as process:
        greeting = read_greeting(process)
        api_url, docs_url, mailbox_page = re.findall(r"^ *(?:PixTag|docs|mail) +(\S+)", greeting, re.MULTILINE)
        is_api_up = is_up(f"{api_url}/health")
        process.send_signal(number)
        output, _ = process.communicate(timeout=SECONDS)

    first_line = f"AWS      {cloud.endpoint_url}. Photos and accounts are lost when the emulator stops."
    assert greeting.splitlines()[0] == first_line
    assert (is_api_up, docs_url, httpx.URL(mailbox_page).path) == (True, f"{api_url}/docs", "/mailbox")
    # The API may log a health check before the last line.
    assert (process.returncode, output.splitlines()[-1]) == (0, "PixTag has stopped.")
    assert is_closed(api_url)
    assert is_closed(mailbox_page)
    assert is_up(f"{cloud.endpoint_url}/_ministack/ready")


def test_command_with_port_in_use_names_port_and_option(ports: Ports) -> None:
    with socket.create_server((HOST, ports.api)), command("--port", str(ports.api)) as process:
        _, error = process.communicate(timeout=SECONDS)

    assert process.returncode == 1
    assert error == f"Port {ports.api}: Address already in use. Choose another with --port.\n"


def test_command_with_a_data_folder_says_that_nothing_is_kept(tmp_path: Path) -> None:
    with command("--data", str(tmp_path)) as process:
        _, error = process.communicate(timeout=SECONDS)

    assert process.returncode == 1
    assert error == "Emulated AWS keeps nothing, so it has no data folder. Leave out --data.\n"


def test_command_without_emulator_at_endpoint_url_names_url(ports: Ports) -> None:
    url = f"http://{HOST}:{ports.aws}"

    with command("--port", "0", AWS_ENDPOINT_URL=url) as process:
        _, error = process.communicate(timeout=SECONDS)

    assert process.returncode == 1
    assert error == f"No emulator responds at {url}. Start it, or correct AWS_ENDPOINT_URL.\n"


def test_command_whose_emulator_stops_is_one_sentence(ports: Ports, tmp_path: Path) -> None:
    url = f"http://{HOST}:{ports.aws}"

    with ministack(tmp_path, ports.aws) as running:
        running.wait_for(f"{url}/_ministack/ready")
        with command("--port", "0", AWS_ENDPOINT_URL=url) as process:
            read_greeting(process)
            running.kill()
            _, error = process.communicate(timeout=2 * SECONDS)

    assert process.returncode == 1
    sentences = [line for line in error.splitlines() if not line.startswith("{")]  # the rest are log lines
    assert "Traceback" not in "".join(sentences)
    assert sentences[-1] == "The worker ended with status 1; see its output above."


@pytest.mark.parametrize("program", ["aws", "mailbox"])
def test_local_cloud_with_port_in_use_raises_port_taken(tmp_path: Path, ports: Ports, program: str) -> None:
    port = asdict(ports)[program]
    instance = local_cloud(tmp_path, ports)

    with (
        socket.create_server((HOST, port)),
        ExitStack() as stack,
        pytest.raises(PortTaken, match=f"{port}: Address already in use"),
    ):
        stack.enter_context(instance)


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

    with ExitStack() as stack, pytest.raises(TemplateChanged, match="Restart the emulator"):
        stack.enter_context(another_cloud)


def test_stack_has_redrive_policy_and_no_time_to_live(cloud: LocalCloud) -> None:
    sqs = emulator.session().client("sqs", endpoint_url=cloud.endpoint_url)
    dynamodb = emulator.session().client("dynamodb", endpoint_url=cloud.endpoint_url)

    queue = sqs.get_queue_attributes(QueueUrl=cloud.environment["PIXTAG_QUEUE_URL"], AttributeNames=["All"])
    time_to_live = dynamodb.describe_time_to_live(TableName=cloud.environment["PIXTAG_TABLE"])

    assert json.loads(queue["Attributes"]["RedrivePolicy"])["maxReceiveCount"] == TRIES + 1
    # MiniStack would delete expired rows beside its transactions, without its lock.
    assert time_to_live["TimeToLiveDescription"]["TimeToLiveStatus"] == "DISABLED"


def test_local_cloud_rebuilds_images_and_reports_programs_that_end(tmp_path: Path, ports: Ports) -> None:
    with local_cloud(tmp_path, ports, quiet=True) as cloud, cloud.person("ada@example.com") as client:
        url = upload(client, scene(stop_signs=1))
        check_rebuild(cloud, client, url, tmp_path)
        check_restart_of_worker(cloud)
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
    with pytest.raises(ProgramEnded, match=r"^MiniStack ended with status -9"):
        cloud.watch()
