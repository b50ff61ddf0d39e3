"""The template with its compute, in the emulator: API Gateway, S3 and SQS call the two handlers."""

from collections.abc import Iterator
from contextlib import ExitStack
from http import HTTPStatus
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest

from infra.local.cloud import person
from infra.local.emulator import STACK, Stack, environment, ministack, session
from infra.local.program import HOST, Program, free_ports
from infra.local.scenes import scene
from tests.integration.test_main_job import send, settled, tags
from tests.support.lambda_runtime import RuntimeApi, event

HANDLERS = {f"{STACK}-api": "app.main.handler", f"{STACK}-worker": "app.worker.handler"}
START = {f"{STACK}-api": event("get-picture"), f"{STACK}-worker": event("schedule")}  # waits for a busy machine


def variables(endpoint_url: str, function: str, outputs: dict[str, str]) -> dict[str, str]:
    """What the template gives a function; but where the pool's keys are is another place here."""
    client = session().client("lambda", endpoint_url=endpoint_url)
    declared: dict[str, str] = client.get_function_configuration(FunctionName=function)["Environment"]["Variables"]
    return environment(endpoint_url) | declared | {"PIXTAG_JWKS_URL": outputs["PIXTAG_JWKS_URL"]}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """Somebody who knows only the address of the deployed API."""
    state, [port] = tmp_path_factory.mktemp("deployed"), free_ports(1)
    endpoint_url = f"http://{HOST}:{port}"
    with ExitStack() as running:
        apis = {name: running.enter_context(RuntimeApi()) for name in HANDLERS}
        doors = {name: f"http://{api.address}/" for name, api in apis.items()}
        emulator = running.enter_context(ministack(state, port, doors))
        emulator.wait_for(f"{endpoint_url}/_ministack/ready")
        outputs = Stack(endpoint_url, "000000000000.dkr.ecr.us-east-1.amazonaws.com/pixtag:1").deploy()
        for name, handler in HANDLERS.items():
            given = variables(endpoint_url, name, outputs) | {"AWS_LAMBDA_RUNTIME_API": apis[name].address}
            running.enter_context(Program(name, ["awslambdaric", handler], given, state / f"{name}.log"))
            apis[name].invoke(START[name])
        api_id = str(urlsplit(outputs["PIXTAG_API_URL"]).hostname).partition(".")[0]
        address = f"{endpoint_url}/_aws/execute-api/{api_id}/$default"
        yield running.enter_context(person(address, endpoint_url, f"{uuid4()}@example.com"))


@pytest.mark.timeout(240)
def test_a_photograph_goes_through_the_whole_cloud(client: httpx.Client) -> None:
    image = settled(client, send(client, scene(stop_signs=2, clocks=1)))

    found = client.get("/search", params={"q": "stop sign>=2, clock"}).json()["images"]

    assert tags(image) == {"stop sign": 2, "clock": 1}
    assert [one["id"] for one in found] == [image["id"]]


def test_what_api_gateway_cannot_route_is_a_problem_of_ours(client: httpx.Client) -> None:
    answer = client.get("/no/such/page")

    assert answer.status_code == HTTPStatus.NOT_FOUND
    assert answer.headers["Content-Type"] == "application/problem+json"
