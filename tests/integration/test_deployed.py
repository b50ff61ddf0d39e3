"""The whole template in the emulator, where API Gateway, S3 and SQS invoke the two handlers."""

from collections.abc import Iterator
from contextlib import ExitStack
from http import HTTPStatus
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest

from infra.local.cloud import person
from infra.local.emulator import STACK, Stack, environment, ministack, session
from infra.local.program import HOST, Program, find_free_ports
from infra.local.scenes import scene
from tests.support.http_uploads import count_tags, upload_with_form
from tests.support.lambda_runtime import RuntimeApi, load_event

HANDLERS = {f"{STACK}-api": "app.main.handler", f"{STACK}-worker": "app.worker.handler"}
STARTUP_EVENTS = {
    f"{STACK}-api": load_event("get-picture"),
    f"{STACK}-worker": load_event("schedule"),
}  # make each function load before the tests


def list_variables(endpoint_url: str, function: str, outputs: dict[str, str]) -> dict[str, str]:
    """Return the variables that the template gives to a function. Only the URL of the pool's keys differs here."""
    client = session().client("lambda", endpoint_url=endpoint_url)
    declared_variables: dict[str, str] = client.get_function_configuration(FunctionName=function)["Environment"][
        "Variables"
    ]
    return environment(endpoint_url) | declared_variables | {"PIXTAG_JWKS_URL": outputs["PIXTAG_JWKS_URL"]}


def set_concurrency(endpoint_url: str) -> None:
    """Set the concurrency of the event source mappings again, as a number.

    MiniStack stores the value of a template's parameter as text, and then delivers no message.
    """
    client = session().client("lambda", endpoint_url=endpoint_url)
    for mapping in client.list_event_source_mappings()["EventSourceMappings"]:
        concurrency = int(mapping["ScalingConfig"]["MaximumConcurrency"])
        client.update_event_source_mapping(UUID=mapping["UUID"], ScalingConfig={"MaximumConcurrency": concurrency})


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """Client of a person who uses only the URL of the deployed API."""
    state, [port] = tmp_path_factory.mktemp("deployed"), find_free_ports(1)
    endpoint_url = f"http://{HOST}:{port}"
    with ExitStack() as stack:
        apis = {name: stack.enter_context(RuntimeApi()) for name in HANDLERS}
        invoke_urls = {name: f"http://{api.address}/" for name, api in apis.items()}
        emulator = stack.enter_context(ministack(state, port, invoke_urls))
        emulator.wait_for(f"{endpoint_url}/_ministack/ready")
        outputs = Stack(endpoint_url, "000000000000.dkr.ecr.us-east-1.amazonaws.com/pixtag:1").deploy()
        set_concurrency(endpoint_url)
        for name, handler in HANDLERS.items():
            environment_variables = list_variables(endpoint_url, name, outputs) | {
                "AWS_LAMBDA_RUNTIME_API": apis[name].address
            }
            stack.enter_context(Program(name, ["awslambdaric", handler], environment_variables, state / f"{name}.log"))
            apis[name].invoke(STARTUP_EVENTS[name])
        api_id = str(urlsplit(outputs["PIXTAG_API_URL"]).hostname).partition(".")[0]
        api_url = f"{endpoint_url}/_aws/execute-api/{api_id}/$default"
        yield stack.enter_context(person(api_url, endpoint_url, f"{uuid4()}@example.com"))


@pytest.mark.timeout(240)
def test_uploaded_photo_is_found_by_search(client: httpx.Client) -> None:
    image = upload_with_form(client, scene(stop_signs=2, clocks=1))

    matches = client.get("/search", params={"q": "stop sign>=2, clock"}).json()["images"]

    assert count_tags(image) == {"stop sign": 2, "clock": 1}
    assert [match["id"] for match in matches] == [image["id"]]


def test_unknown_path_returns_problem_document(client: httpx.Client) -> None:
    response = client.get("/no/such/page")

    assert response.status_code == HTTPStatus.NOT_FOUND
    assert response.headers["Content-Type"] == "application/problem+json"
