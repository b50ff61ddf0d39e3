"""The whole template in the emulator, where API Gateway, S3, SQS and Cognito invoke the handlers."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest
from botocore.exceptions import ClientError

from infra.local.cloud import person
from infra.local.emulator import STACK, Stack, confirmation_code, environment, ministack, session
from infra.local.program import HOST, Program, find_free_ports
from infra.local.scenes import scene
from tests.support.http_uploads import count_tags, upload_with_form
from tests.support.lambda_runtime import RuntimeApi, load_event

HANDLERS = {
    f"{STACK}-api": "app.main.handler",
    f"{STACK}-worker": "app.worker.handler",
    f"{STACK}-sign-up": "app.adapters.aws.sign_up_trigger.handler",
}
STARTUP_EVENTS = {
    f"{STACK}-api": load_event("get-picture"),
    f"{STACK}-worker": load_event("schedule"),
    f"{STACK}-sign-up": {"triggerSource": "PreSignUp_AdminCreateUser", "request": {}},
}  # make each function load before the tests

OWN_PASSWORD, STRANGERS_PASSWORD = "correct horse battery staple", "password of a stranger"


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


@dataclass(frozen=True)
class Deployment:
    """The deployed API and its user pool.

    Attributes:
        client: The client of a person who uses only the URL of the API.
        endpoint_url: The URL of the emulator.
        client_id: The client of the user pool, which everybody can know.
    """

    client: httpx.Client
    endpoint_url: str
    client_id: str

    def sign_up(self, email: str, password: str) -> None:
        """Register in the user pool without the API, as anybody can."""
        attributes = {"email": email, "given_name": "Mallory", "family_name": "M"}
        session().client("cognito-idp", endpoint_url=self.endpoint_url).sign_up(
            ClientId=self.client_id,
            Username=email,
            Password=password,
            UserAttributes=[{"Name": name, "Value": value} for name, value in attributes.items()],
        )

    def sign_in(self, email: str, password: str) -> httpx.Response:
        """Sign in with the API."""
        form = {"grant_type": "password", "username": email, "password": password}
        return self.client.post("/auth/token", data=form)


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """A stack in which only addresses of example.com may register."""
    state, [port] = tmp_path_factory.mktemp("deployed"), find_free_ports(1)
    endpoint_url = f"http://{HOST}:{port}"
    with ExitStack() as stack:
        apis = {name: stack.enter_context(RuntimeApi()) for name in HANDLERS}
        invoke_urls = {name: f"http://{api.address}/" for name, api in apis.items()}
        emulator = stack.enter_context(ministack(state, port, invoke_urls))
        emulator.wait_for(f"{endpoint_url}/_ministack/ready")
        image = "000000000000.dkr.ecr.us-east-1.amazonaws.com/pixtag:1"
        outputs = Stack(endpoint_url, image, Registration="@example.com").deploy()
        set_concurrency(endpoint_url)
        for name, handler in HANDLERS.items():
            environment_variables = list_variables(endpoint_url, name, outputs) | {
                "AWS_LAMBDA_RUNTIME_API": apis[name].address
            }
            stack.enter_context(Program(name, ["awslambdaric", handler], environment_variables, state / f"{name}.log"))
            apis[name].invoke(STARTUP_EVENTS[name])
        api_id = str(urlsplit(outputs["PIXTAG_API_URL"]).hostname).partition(".")[0]
        api_url = f"{endpoint_url}/_aws/execute-api/{api_id}/$default"
        client = stack.enter_context(person(api_url, endpoint_url, f"{uuid4()}@example.com"))
        yield Deployment(client, endpoint_url, outputs["PIXTAG_CLIENT_ID"])


@pytest.fixture
def client(deployment: Deployment) -> httpx.Client:
    return deployment.client


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


def test_user_pool_refuses_a_sign_up_that_the_rule_does_not_allow(deployment: Deployment) -> None:
    with pytest.raises(ClientError, match="UserLambdaValidationException"):
        deployment.sign_up(f"{uuid4()}@example.net", OWN_PASSWORD)

    deployment.sign_up(f"{uuid4()}@example.com", OWN_PASSWORD)


def test_confirmed_address_has_the_password_of_its_owner(deployment: Deployment) -> None:
    email = f"{uuid4()}@example.com"
    account = {"email": email, "password": OWN_PASSWORD, "given_name": "Ada", "family_name": "Lovelace"}
    deployment.sign_up(email, STRANGERS_PASSWORD)

    deployment.client.post("/auth/register", json=account).raise_for_status()
    code = confirmation_code(deployment.endpoint_url, email)
    deployment.client.post("/auth/confirm", json=account | {"code": code}).raise_for_status()

    assert deployment.sign_in(email, STRANGERS_PASSWORD).status_code == HTTPStatus.BAD_REQUEST
    token = deployment.sign_in(email, OWN_PASSWORD).raise_for_status().json()["access_token"]
    me = deployment.client.get("/auth/me", headers={"Authorization": f"Bearer {token}"}).json()
    assert (me["given_name"], me["family_name"]) == ("Ada", "Lovelace")
