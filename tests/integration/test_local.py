import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from itertools import takewhile
from pathlib import Path

import httpx
import pytest

from infra.local import emulator
from infra.local.cloud import LocalCloud, Ports, StateInUse, local_cloud
from infra.local.emulator import TEMPLATE, CodeNotFound, TemplateChanged, confirmation_code
from infra.local.program import HOST, ProgramEnded, is_up, wait_until
from infra.local.scenes import scene
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


def test_local_cloud_after_restart_has_same_images_and_sessions(tmp_path: Path, ports: Ports) -> None:
    with (
        local_cloud(tmp_path, ports, quiet=True) as cloud,
        cloud.person("ada@example.com") as client,
    ):
        url = upload(client, scene(stop_signs=1))
        assert count_tags(get_image(client, url)) == {"stop sign": 1}
        token = client.headers["Authorization"]

    with (
        local_cloud(tmp_path, ports, quiet=True) as cloud,
        httpx.Client(base_url=cloud.url, headers={"Authorization": token}) as client,
    ):
        assert count_tags(get_image(client, url)) == {"stop sign": 1}
        (image,) = client.get("/search", params={"q": "stop sign"}).json()["images"]
        assert httpx.get(image["links"]["preview"]).headers["Content-Type"] == "image/jpeg"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_command_prints_urls_and_stops_all_programs_on_signal(
    tmp_path: Path, ports: Ports, number: signal.Signals
) -> None:
    with command(*make_options(tmp_path, ports)) as process:
        greeting = read_greeting(process)
        process.send_signal(number)
        output, _ = process.communicate(timeout=SECONDS)

    assert f"http://{HOST}:{ports.api}/docs" in greeting
    assert f"http://{HOST}:{ports.mailbox}/mailbox" in greeting
    # The API may log a health check before the last line.
    assert (process.returncode, output.splitlines()[-1]) == (0, "PixTag has stopped.")
    assert all(map(is_closed, asdict(ports).values()))


@pytest.mark.parametrize(
    ("program", "option"), [("api", "--port"), ("aws", "--aws-port"), ("mailbox", "--mailbox-port")]
)
def test_command_with_port_in_use_names_port_and_option(
    tmp_path: Path, ports: Ports, program: str, option: str
) -> None:
    port = asdict(ports)[program]

    with socket.create_server((HOST, port)), command(*make_options(tmp_path, ports)) as process:
        _, error = process.communicate(timeout=SECONDS)

    assert process.returncode == 1
    assert error == f"Port {port}: Address already in use. Choose another with {option}.\n"


def test_local_cloud_with_state_in_use_raises_state_in_use(cloud: LocalCloud, tmp_path: Path) -> None:
    first = local_cloud(tmp_path, Ports.find_free(), endpoint_url=cloud.endpoint_url, quiet=True)
    second = local_cloud(tmp_path, Ports.find_free(), endpoint_url=cloud.endpoint_url, quiet=True)

    with first, ExitStack() as stack, pytest.raises(StateInUse, match="--state"):
        stack.enter_context(second)


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


def test_library_of_new_person_is_empty(person: Callable[[], httpx.Client]) -> None:
    assert person().get("/images").json() == {"images": [], "next": None}


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


def test_command_with_aws_endpoint_url_uses_running_emulator(cloud: LocalCloud, tmp_path: Path, ports: Ports) -> None:
    with command(*make_options(tmp_path, ports), AWS_ENDPOINT_URL=cloud.endpoint_url) as process:
        greeting = read_greeting(process)

        assert cloud.endpoint_url in greeting
        assert is_up(f"http://{HOST}:{ports.api}/health")
        assert is_closed(ports.aws)

    assert is_up(f"{cloud.endpoint_url}/_ministack/ready")


def test_watch_with_ended_worker_raises_program_ended(tmp_path: Path, ports: Ports) -> None:
    # This test needs its own cloud: a killed worker loses the message that its open poll receives.
    with local_cloud(tmp_path, ports, quiet=True) as cloud:
        cloud.worker.kill()
        with pytest.raises(ProgramEnded, match=r"The worker ended with status -9"):
            cloud.watch()


def test_watch_with_hanging_worker_restarts_worker(tmp_path: Path, ports: Ports) -> None:
    with local_cloud(tmp_path, ports, quiet=True) as cloud, ThreadPoolExecutor(1) as pool:
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


def test_local_cloud_sets_redrive_policy_and_time_to_live(cloud: LocalCloud) -> None:
    sqs = emulator.session().client("sqs", endpoint_url=cloud.endpoint_url)
    dynamodb = emulator.session().client("dynamodb", endpoint_url=cloud.endpoint_url)

    queue = sqs.get_queue_attributes(QueueUrl=cloud.environment["PIXTAG_QUEUE_URL"], AttributeNames=["All"])
    time_to_live = dynamodb.describe_time_to_live(TableName=cloud.environment["PIXTAG_TABLE"])

    assert '"maxReceiveCount": 5' in queue["Attributes"]["RedrivePolicy"]
    assert time_to_live["TimeToLiveDescription"] == {"AttributeName": "expires_at", "TimeToLiveStatus": "ENABLED"}


def test_api_without_aws_returns_unavailable_with_retry_after(tmp_path: Path, ports: Ports) -> None:
    with local_cloud(tmp_path, ports, quiet=True) as cloud, cloud.person("ada@example.com") as client:
        client.get("/images").raise_for_status()
        assert cloud.emulator
        cloud.emulator.kill()

        paths = ["/images", "/tags", "/search?q=dog", "/subscriptions", "/usage", f"/images/{'0' * 26}", "/auth/me"]
        responses = [client.get(path) for path in paths]

        outcomes = {(response.status_code, int(response.headers["Retry-After"]) > 0) for response in responses}
        assert outcomes == {(503, True)}
        assert client.post("/uploads", json={"name": "a.png", "type": "image/png", "size": 1}).status_code == 503
        assert client.get("/health").status_code == client.get("/").status_code == 200
