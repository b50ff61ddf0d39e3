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
from http import HTTPStatus
from itertools import takewhile
from pathlib import Path

import httpx
import pytest

from infra.local import emulator
from infra.local.cloud import LocalCloud, Ports, StateInUse, local_cloud
from infra.local.emulator import TEMPLATE, NoCode, TemplateChanged, confirmation_code
from infra.local.program import HOST, ProgramEnded, answers, wait_until
from infra.local.scenes import scene

SECONDS = 30


@pytest.fixture
def ports() -> Ports:
    return Ports.free()


@contextmanager
def command(*options: str, **variables: str) -> Iterator[subprocess.Popen[str]]:
    """Run `python -m infra.local.cloud` as a person at a terminal would, and end it should the test not."""
    with subprocess.Popen(
        [sys.executable, "-m", "infra.local.cloud", *options],
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


def greeting(process: subprocess.Popen[str]) -> str:
    """Return what the command prints up to its last line before it only works."""
    assert process.stdout
    return "".join(takewhile(lambda line: "Ctrl-C" not in line, process.stdout))


def options(state: Path, ports: Ports) -> list[str]:
    numbers = {"--port": ports.api, "--aws-port": ports.aws, "--mailbox-port": ports.mailbox}
    return ["--state", str(state), *(f"{option}={number}" for option, number in numbers.items())]


def refuses(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) != 0


def tags(client: httpx.Client, address: str) -> dict[str, int]:
    wait_until(lambda: client.get(address).status_code == HTTPStatus.OK, SECONDS, "It stays pending.")
    return {found["tag"]: found["count"] for found in client.get(address).json()["tags"]}


def test_everything_is_there_again_after_a_restart(tmp_path: Path, ports: Ports) -> None:
    with (
        local_cloud(tmp_path, ports, quiet=True) as cloud,
        cloud.person("ada@example.com") as before,
    ):
        file = {"file": ("stop.png", scene(stop_signs=1), "image/png")}
        address = before.post("/images", files=file).raise_for_status().headers["Location"]
        assert tags(before, address) == {"stop sign": 1}
        token = before.headers["Authorization"]

    with (
        local_cloud(tmp_path, ports, quiet=True) as cloud,
        httpx.Client(base_url=cloud.api_url, headers={"Authorization": token}) as after,
    ):
        assert tags(after, address) == {"stop sign": 1}
        (found,) = after.get("/search", params={"q": "stop sign"}).json()["images"]
        assert httpx.get(found["links"]["preview"]).headers["Content-Type"] == "image/jpeg"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_command_says_where_everything_is_and_stops_it_all(
    tmp_path: Path, ports: Ports, number: signal.Signals
) -> None:
    with command(*options(tmp_path, ports)) as process:
        said = greeting(process)
        process.send_signal(number)
        output, _ = process.communicate(timeout=SECONDS)

    assert f"http://{HOST}:{ports.api}/docs" in said
    assert f"http://{HOST}:{ports.mailbox}/mailbox" in said
    # Before it there may be a line of the API's about having been asked whether it is up.
    assert (process.returncode, output.splitlines()[-1]) == (0, "PixTag has stopped.")
    assert all(map(refuses, asdict(ports).values()))


@pytest.mark.parametrize(("what", "option"), [("api", "--port"), ("aws", "--aws-port"), ("mailbox", "--mailbox-port")])
def test_a_taken_port_is_said_with_the_option_that_changes_it(
    tmp_path: Path, ports: Ports, what: str, option: str
) -> None:
    port = asdict(ports)[what]

    with socket.create_server((HOST, port)), command(*options(tmp_path, ports)) as process:
        _, error = process.communicate(timeout=SECONDS)

    assert process.returncode == 1
    assert error == f"Port {port}: Address already in use. Choose another with {option}.\n"


def test_two_clouds_never_share_a_state(cloud: LocalCloud, tmp_path: Path) -> None:
    first = local_cloud(tmp_path, Ports.free(), endpoint_url=cloud.endpoint_url, quiet=True)
    second = local_cloud(tmp_path, Ports.free(), endpoint_url=cloud.endpoint_url, quiet=True)

    with first, ExitStack() as stack, pytest.raises(StateInUse, match="--state"):
        stack.enter_context(second)


def test_an_emulator_that_is_not_there_is_named(tmp_path: Path, ports: Ports) -> None:
    address = f"http://{HOST}:{ports.aws}"

    with command(*options(tmp_path, ports), AWS_ENDPOINT_URL=address) as process:
        _, error = process.communicate(timeout=SECONDS)

    assert (process.returncode, error) == (1, f'Could not connect to the endpoint URL: "{address}/"\n')


def test_nobody_is_answered_at_another_address_of_this_machine(cloud: LocalCloud) -> None:
    for url in (cloud.api_url, cloud.endpoint_url, cloud.mailbox_url):
        port = httpx.URL(url).port
        assert port
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(("127.0.0.2", port), SECONDS)


def test_a_new_person_has_an_empty_library(person: Callable[[], httpx.Client]) -> None:
    assert person().get("/images").json() == {"images": [], "next": None}


def test_no_code_was_mailed_to_a_stranger(cloud: LocalCloud) -> None:
    with pytest.raises(NoCode, match=r"stranger@example\.com"):
        confirmation_code(cloud.endpoint_url, "stranger@example.com")


def test_a_changed_template_is_refused_with_what_to_do(
    cloud: LocalCloud, tmp_path: Path, ports: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = tmp_path / "template.yaml"
    changed.write_text(TEMPLATE.read_text() + "# another\n")
    monkeypatch.setattr(emulator, "TEMPLATE", changed)

    starting = local_cloud(tmp_path, ports, endpoint_url=cloud.endpoint_url)

    with ExitStack() as running, pytest.raises(TemplateChanged, match=re.escape("rm -r .pixtag")):
        running.enter_context(starting)


def test_the_emulator_at_aws_endpoint_url_is_used(cloud: LocalCloud, tmp_path: Path, ports: Ports) -> None:
    with command(*options(tmp_path, ports), AWS_ENDPOINT_URL=cloud.endpoint_url) as process:
        said = greeting(process)

        assert cloud.endpoint_url in said
        assert answers(f"http://{HOST}:{ports.api}/health")
        assert refuses(ports.aws)

    assert answers(f"{cloud.endpoint_url}/_ministack/ready")


def test_a_process_that_ends_is_named(tmp_path: Path, ports: Ports) -> None:

    # A cloud of its own: a killed worker takes the message that its open poll is given with it.
    with local_cloud(tmp_path, ports, quiet=True) as cloud:
        cloud.worker.kill()
        with pytest.raises(ProgramEnded, match=r"The worker ended with status -9"):
            cloud.watch()


def test_a_worker_that_hangs_is_ended_and_begins_anew(tmp_path: Path, ports: Ports) -> None:
    with local_cloud(tmp_path, ports, quiet=True) as cloud, ThreadPoolExecutor(1) as watching:
        watched = watching.submit(cloud.watch)
        hung = cloud.worker.pid

        os.kill(hung, signal.SIGALRM)

        wait_until(lambda: cloud.worker.pid != hung and cloud.worker.status is None, SECONDS, "It is not begun anew.")
        cloud.worker.kill()
        with pytest.raises(ProgramEnded, match=r"The worker ended with status -9"):
            watched.result()


def test_the_emulator_gets_what_it_skips_in_the_template(cloud: LocalCloud) -> None:
    sqs = emulator.session().client("sqs", endpoint_url=cloud.endpoint_url)
    dynamodb = emulator.session().client("dynamodb", endpoint_url=cloud.endpoint_url)

    queue = sqs.get_queue_attributes(QueueUrl=cloud.environment["PIXTAG_QUEUE_URL"], AttributeNames=["All"])
    life = dynamodb.describe_time_to_live(TableName=cloud.environment["PIXTAG_TABLE"])

    assert '"maxReceiveCount": 5' in queue["Attributes"]["RedrivePolicy"]
    assert life["TimeToLiveDescription"] == {"AttributeName": "expires_at", "TimeToLiveStatus": "ENABLED"}


def test_without_its_stores_the_api_says_so_and_when_to_come_back(tmp_path: Path, ports: Ports) -> None:
    with local_cloud(tmp_path, ports, quiet=True) as cloud, cloud.person("ada@example.com") as client:
        client.get("/images").raise_for_status()
        assert cloud.emulator
        cloud.emulator.kill()

        asked = ["/images", "/tags", "/search?q=dog", "/subscriptions", "/usage", f"/images/{'0' * 26}", "/auth/me"]
        answers = [client.get(path) for path in asked]

        assert {(answer.status_code, int(answer.headers["Retry-After"]) > 0) for answer in answers} == {(503, True)}
        assert client.post("/uploads", json={"name": "a.png", "type": "image/png", "size": 1}).status_code == 503
        assert client.get("/health").status_code == client.get("/").status_code == 200
