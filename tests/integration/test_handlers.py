"""Both handlers under AWS's runtime client, with the events that AWS documents, on the laptop's cloud."""

import base64
import gzip
import json
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import httpx
import pytest
from jose import jwt

from app.domain.ids import Rendition
from infra.local.cloud import LocalCloud
from tests.integration.conftest import Person
from tests.support.lambda_runtime import FunctionError, RuntimeApi, event, function


@pytest.fixture(scope="module")
def api(cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RuntimeApi]:
    with function("app.main.handler", cloud.environment, tmp_path_factory.mktemp("api") / "log") as running:
        yield running


@pytest.fixture(scope="module")
def worker(cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RuntimeApi]:
    """The worker as a function, while the cloud's own does nothing."""
    cloud.worker.stop()
    with function("app.worker.handler", cloud.environment, tmp_path_factory.mktemp("worker") / "log") as running:
        yield running
    cloud.worker.start()


def token(client: httpx.Client) -> str:
    return client.headers["Authorization"].removeprefix("Bearer ")


def test_an_upload_becomes_an_image_that_is_found(api: RuntimeApi, worker: RuntimeApi, person: Person) -> None:
    access = token(person())
    owner = jwt.get_unverified_claims(access)["sub"]

    posted = api.invoke(event("post-multipart", token=access))
    image_id = posted["headers"]["location"].rpartition("/")[2]
    worked = worker.invoke(event("sqs-upload", key=Rendition.INCOMING.key(owner, image_id)))
    found = api.invoke(event("get", token=access))

    assert posted["statusCode"] == HTTPStatus.ACCEPTED
    assert worked == {"batchItemFailures": []}
    assert [one["id"] for one in json.loads(found["body"])["images"]] == [image_id]


def test_without_a_token_the_answer_is_a_problem_in_text(api: RuntimeApi) -> None:
    answer = api.invoke(event("get", token="none"))

    assert (answer["statusCode"], answer["isBase64Encoded"]) == (HTTPStatus.UNAUTHORIZED, False)
    assert json.loads(answer["body"])["status"] == HTTPStatus.UNAUTHORIZED


def test_what_is_no_text_travels_in_base64(api: RuntimeApi) -> None:
    picture = api.invoke(event("get-picture"))
    compressed = api.invoke(event("get-compressed"))

    assert picture["isBase64Encoded"]
    assert base64.b64decode(picture["body"]).startswith(b"\x89PNG")
    assert compressed["headers"]["content-encoding"] == "gzip"
    assert b".swagger-ui" in gzip.decompress(base64.b64decode(compressed["body"]))


@pytest.mark.parametrize("name", ["sqs-test", "schedule"])
def test_what_asks_for_nothing_fails_nothing(worker: RuntimeApi, name: str) -> None:
    assert worker.invoke(event(name)) == {"batchItemFailures": []}


def test_what_the_worker_cannot_read_fails_as_lambda_is_told(worker: RuntimeApi) -> None:
    answer = httpx.post(f"http://{worker.address}/", json={"Records": [{}]}, timeout=60, trust_env=False)

    assert answer.status_code == HTTPStatus.INTERNAL_SERVER_ERROR
    assert answer.json()["errorType"] == "KeyError"


def test_a_command_that_names_no_handler_is_told_at_the_start(cloud: LocalCloud, tmp_path: Path) -> None:
    with (
        function("app.worker.nothing", cloud.environment, tmp_path / "log") as running,
        pytest.raises(FunctionError, match=r"Runtime\.HandlerNotFound"),
    ):
        running.invoke({})
