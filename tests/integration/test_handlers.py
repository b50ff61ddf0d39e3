"""Both handlers run by AWS's runtime client, with the events that AWS documents, in the local cloud."""

import base64
import gzip
import json
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from jose import jwt

from app.domain.ids import Rendition
from infra.local.cloud import LocalCloud
from tests.support.lambda_runtime import FunctionError, RuntimeApi, load_event, run_function


@pytest.fixture(scope="module")
def api(cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RuntimeApi]:
    with run_function("app.main.handler", cloud.environment, tmp_path_factory.mktemp("api") / "log") as runtime_api:
        yield runtime_api


@pytest.fixture(scope="module")
def worker(cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RuntimeApi]:
    """The worker as a function. The cloud's own worker is stopped for the time."""
    cloud.worker.stop()
    with run_function(
        "app.worker.handler", cloud.environment, tmp_path_factory.mktemp("worker") / "log"
    ) as runtime_api:
        yield runtime_api
    cloud.worker.start()


@pytest.fixture
def token(cloud: LocalCloud) -> Iterator[str]:
    """The access token of a new person."""
    with cloud.person(f"{uuid4()}@example.com") as client:
        yield client.headers["Authorization"].removeprefix("Bearer ")


def test_handlers_with_upload_make_image_searchable(api: RuntimeApi, worker: RuntimeApi, token: str) -> None:
    owner = jwt.get_unverified_claims(token)["sub"]

    upload = api.invoke(load_event("post-multipart", token=token))
    image_id = upload["headers"]["location"].rpartition("/")[2]
    result = worker.invoke(load_event("sqs-upload", key=Rendition.INCOMING.key(owner, image_id)))
    search = api.invoke(load_event("get", token=token))

    assert upload["statusCode"] == HTTPStatus.ACCEPTED
    assert result == {"batchItemFailures": []}
    assert [image["id"] for image in json.loads(search["body"])["images"]] == [image_id]


def test_form_refuses_a_file_that_does_not_have_the_declared_size(cloud: LocalCloud) -> None:
    facts = {"name": "a.jpg", "type": "image/jpeg", "size": 10}
    with cloud.person(f"{uuid4()}@example.com") as client:
        form = client.post("/uploads", json=facts).raise_for_status().json()["form"]

    statuses = [
        httpx.post(form["url"], data=form["fields"], files={"file": bytes(size)}, trust_env=False).status_code
        for size in (9, 11, 10)
    ]

    assert statuses == [HTTPStatus.BAD_REQUEST, HTTPStatus.BAD_REQUEST, HTTPStatus.NO_CONTENT]


def test_api_handler_with_invalid_token_returns_problem_as_text(api: RuntimeApi) -> None:
    response = api.invoke(load_event("get", token="none"))

    assert (response["statusCode"], response["isBase64Encoded"]) == (HTTPStatus.UNAUTHORIZED, False)
    assert json.loads(response["body"])["status"] == HTTPStatus.UNAUTHORIZED


def test_api_handler_encodes_binary_bodies_as_base64(api: RuntimeApi) -> None:
    picture = api.invoke(load_event("get-picture"))
    compressed = api.invoke(load_event("get-compressed"))

    assert picture["isBase64Encoded"]
    assert base64.b64decode(picture["body"]).startswith(b"\x89PNG")
    assert compressed["headers"]["content-encoding"] == "gzip"
    assert b".swagger-ui" in gzip.decompress(base64.b64decode(compressed["body"]))


@pytest.mark.parametrize("name", ["sqs-test", "schedule"])
def test_worker_handler_with_event_without_work_reports_no_failures(worker: RuntimeApi, name: str) -> None:
    assert worker.invoke(load_event(name)) == {"batchItemFailures": []}


def test_worker_handler_with_invalid_event_reports_error_to_lambda(worker: RuntimeApi) -> None:
    response = httpx.post(f"http://{worker.address}/", json={"Records": [{}]}, timeout=60, trust_env=False)

    assert response.status_code == HTTPStatus.INTERNAL_SERVER_ERROR
    assert response.json()["errorType"] == "KeyError"


def test_runtime_client_with_unknown_handler_reports_error_at_start(cloud: LocalCloud, tmp_path: Path) -> None:
    with (
        run_function("app.worker.nothing", cloud.environment, tmp_path / "log") as runtime_api,
        pytest.raises(FunctionError, match=r"Runtime\.HandlerNotFound"),
    ):
        runtime_api.invoke({})
