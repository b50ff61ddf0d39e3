"""Authorization: every route with every kind of caller. A route without a row in `ROWS` fails."""

import random
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

import boto3
import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from moto.dynamodb.models import dynamodb_backends
from moto.s3.models import s3_backends

from app import wiring
from app.adapters.aws.bucket import Upload
from app.api.security_headers import HEADERS
from app.domain.ids import Rendition, new_id
from app.domain.query import parse
from app.main import app
from tests.robustness import torture
from tests.support.fakes import FakeDetector
from tests.support.invariants import ACCOUNT, REGION
from tests.support.sampling import rounds
from tests.support.tokens import SETTINGS, claims, sign
from tests.support.user_pool import EMAIL, NAMES, PASSWORD
from tests.support.wired_app import wire_app

SECRETS = ("diary-of-ada.jpg", "unicorn", "X-Amz-Signature=")
PNG = "image/png"


@dataclass(frozen=True)
class Resources:
    """The resources that a request can name: an image, one of its detections, and a subscription."""

    image: str
    detection: str
    subscription: str
    owner: str

    @property
    def link(self) -> str:
        return f"https://{SETTINGS.bucket}.s3.amazonaws.com/{Rendition.THUMBNAIL.key(self.owner, self.image)}"


MakeRequest = Callable[[Resources], dict[str, Any]]


@dataclass(frozen=True)
class Row:
    """The request to a route, and the status of the response to the owner. A `public` route needs no token."""

    make_request: MakeRequest = lambda resources: {}
    status: int = 200
    public: bool = False


def bulk_row(**members: Any) -> Row:
    """Return the row of a bulk operation on the image."""
    return Row(lambda resources: {"json": {"images": {"ids": [resources.image]} | members}})


CREDENTIALS = {"email": EMAIL, "password": PASSWORD}
FORM = {"grant_type": "password", "username": EMAIL, "password": PASSWORD}
COOKIE = {"headers": {"X-PixTag": "1"}}
NEW_PASSWORD = {"email": EMAIL, "code": "000000", "password": PASSWORD}

ROWS: dict[tuple[str, str], Row] = {
    ("POST", "/auth/register"): Row(
        lambda _: {"json": CREDENTIALS | NAMES | {"email": "grace@example.com"}}, 202, public=True
    ),
    ("POST", "/auth/confirm"): Row(lambda _: {"json": {"email": EMAIL, "code": "000000"}}, 400, public=True),
    ("POST", "/auth/resend"): Row(lambda _: {"json": {"email": EMAIL}}, 202, public=True),
    ("POST", "/auth/forgot"): Row(lambda _: {"json": {"email": EMAIL}}, 202, public=True),
    ("POST", "/auth/reset"): Row(lambda _: {"json": NEW_PASSWORD}, 204, public=True),
    ("POST", "/auth/token"): Row(lambda _: {"data": FORM}, 401, public=True),
    ("POST", "/auth/revoke"): Row(lambda _: {"json": {"refresh_token": "x"}}, 204, public=True),
    ("POST", "/auth/session"): Row(lambda _: {"json": CREDENTIALS} | COOKIE, 401, public=True),
    ("POST", "/auth/session/refresh"): Row(lambda _: COOKIE, 401, public=True),
    ("DELETE", "/auth/session"): Row(lambda _: COOKIE, 204, public=True),
    ("GET", "/health"): Row(public=True),
    ("GET", "/auth/me"): Row(),
    ("DELETE", "/auth/me"): Row(lambda _: {"params": {"confirm": EMAIL}}, 202),
    ("GET", "/usage"): Row(),
    ("POST", "/uploads"): Row(lambda _: {"json": {"name": "a.png", "type": PNG, "size": 1}}, 201),
    ("POST", "/images"): Row(lambda _: {"files": {"file": ("a.png", b"x", PNG)}}, 202),
    ("GET", "/images"): Row(),
    ("GET", "/images/{image_id}"): Row(),
    ("DELETE", "/images/{image_id}"): Row(status=204),
    ("GET", "/images/{image_id}/original"): Row(status=307),
    ("POST", "/images/trash"): bulk_row(),
    ("POST", "/images/restore"): Row(lambda resources: {"json": {"images": {"links": [resources.link]}}}),
    ("POST", "/images/purge"): bulk_row(dry_run=True),
    ("PATCH", "/images/{image_id}/detections/{detection_id}"): Row(lambda _: {"json": {"label": "horse"}}),
    ("DELETE", "/images/{image_id}/detections/{detection_id}"): Row(),
    ("POST", "/images/{image_id}/redetect"): Row(),
    ("POST", "/redetection"): Row(status=202),
    ("GET", "/redetection"): Row(status=404),
    ("GET", "/search"): Row(lambda _: {"params": {"q": "unicorn"}}),
    ("POST", "/search"): Row(lambda _: {"json": {"tags": [{"tag": "unicorn"}]}}),
    ("GET", "/search/thumbnail"): Row(lambda resources: {"params": {"url": resources.link}}),
    ("POST", "/search/image"): Row(lambda _: {"files": {"file": ("a.jpg", b"x", "image/jpeg")}}, 422),
    ("GET", "/tags"): Row(),
    ("POST", "/tags"): Row(
        lambda resources: {"json": {"add": [{"tag": "horse"}], "images": {"ids": [resources.image]}}}
    ),
    ("POST", "/tags/rename"): Row(
        lambda resources: {"json": {"old": "unicorn", "new": "horse", "images": {"links": [resources.link]}}}
    ),
    ("GET", "/subscriptions"): Row(),
    ("POST", "/subscriptions"): Row(lambda _: {"json": {"query": "horse"}}, 201),
    ("GET", "/subscriptions/{subscription_id}"): Row(),
    ("DELETE", "/subscriptions/{subscription_id}"): Row(status=204),
    ("GET", "/export"): Row(lambda _: {"params": {"format": "csv"}}),
}
# Pages and files that contain no data of a person and are the same for all.
PAGES = {
    *("/", "/photos/{image_id}", "/find", "/labels", "/alerts", "/trash", "/account"),
    *("/sign-in", "/register", "/confirm", "/forgot", "/assets/{name}"),
    *("/docs", "/docs/start.js", "/docs/files", "/openapi.json"),
}


def names_resource(path: str, row: Row) -> bool:
    """Return whether a request to the route names a resource, which may belong to another owner."""
    a, b = (Resources(letter, letter, letter, letter) for letter in "ab")
    return "{" in path or row.make_request(a) != row.make_request(b)


def cases(is_included: Callable[[str, Row], bool]) -> list[Any]:
    return [
        pytest.param(method, path, row, id=f"{method} {path}")
        for (method, path), row in ROWS.items()
        if is_included(path, row)
    ]


ALL = cases(lambda path, row: True)
PROTECTED = cases(lambda path, row: not row.public)
NAMING = cases(names_resource)


@dataclass(frozen=True)
class People:
    """Ada, who has an image, a subscription and deleted ones of both, and Grace, who has nothing.

    `grace` is her owner id.
    """

    ada: Resources
    gone: Resources
    grace: str

    def rows(self) -> list[str]:
        """Return all items of Ada in the table."""
        items = dynamodb_backends["123456789012"]["us-east-1"].tables[SETTINGS.table].all_items()
        return sorted(str(item.to_json()) for item in items if self.ada.owner in str(item.hash_key.to_json()))


@pytest.fixture(scope="module")
def cloud_in_process() -> Iterator[None]:
    with wire_app(boto3.Session("test", "test", region_name="us-east-1"), FakeDetector({"unicorn": 1})):
        yield


@dataclass
class Scene:
    """Ada's image, and what the stores held when it had been made."""

    people: People | None = None
    stores: tuple[list[str], set[str]] | None = None


@pytest.fixture(scope="module")
def scene(cloud_in_process: None) -> Scene:
    return Scene()


@pytest.fixture
def people(cloud_in_process: None, photo: bytes) -> People:
    dynamodb_backends["123456789012"]["us-east-1"].tables[
        SETTINGS.table
    ].items.clear()  # so that each test has the same costs
    ada, library, ingest = str(uuid4()), wiring.library(), wiring.ingest()
    images = []
    for data in (photo, photo + b"second"):
        pending = ingest.receive(ada, Upload(data, "image/jpeg", "diary-of-ada.jpg"), max_bytes=10_000)
        image = ingest.ingest(ada, pending.id)
        assert image
        images.append(image)
    subscription = wiring.subscriptions().add(ada, parse("unicorn"))
    existing, gone = (Resources(image.id, image.corrected_detections[0].id, subscription.id, ada) for image in images)
    library.trash(ada, gone.image)
    library.purge(ada, gone.image)
    gone_subscription = wiring.subscriptions().add(ada, parse("horse"))
    wiring.subscriptions().remove(ada, gone_subscription.id)
    return People(existing, replace(gone, subscription=gone_subscription.id), str(uuid4()))


def send(method: str, path: str, row: Row, resources: Resources, token: str | None) -> Response:
    """Send a request that names the resources, check the security headers, and return the response."""
    kwargs = {**row.make_request(resources)}
    headers: Mapping[str, str] = kwargs.pop("headers", {}) | ({"Authorization": f"Bearer {token}"} if token else {})
    url = path.format(
        image_id=resources.image, detection_id=resources.detection, subscription_id=resources.subscription
    )
    with TestClient(app, raise_server_exceptions=False, follow_redirects=False) as client:
        response: Response = client.request(method, url, headers=headers, **kwargs)
    assert {name: response.headers.get(name) for name in HEADERS} == HEADERS
    return response


def summarize(response: Response, resources: Resources) -> tuple[int, dict[str, str], str]:
    """Return the status, headers and text of a response, without the ids that the request resources."""
    text = response.text
    for part in (resources.image, resources.detection, resources.subscription, resources.owner):
        text = text.replace(part, "…")
    headers = {name: value for name, value in response.headers.items() if name != "content-length"}
    return response.status_code, headers, text


def sign_token(owner: str, **changes: Any) -> str:
    return sign(claims(owner) | changes)


INVALID_TOKENS: dict[str, Callable[[str], str | None]] = {
    "no token": lambda owner: None,
    "expired": lambda owner: sign_token(owner, exp=int(time.time()) - 1),
    "an ID token": lambda owner: sign_token(owner, token_use="id"),
    "another client's": lambda owner: sign_token(owner, client_id="other"),
    "another pool's": lambda owner: sign_token(
        owner, iss="https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Other"
    ),
}


def test_rows_of_the_matrix_contain_every_route() -> None:
    assert {(method, path) for method, path in list_routes(app.routes) if path not in PAGES} == set(ROWS)
    assert (len(INVALID_TOKENS) + 4) * len(PROTECTED) + 3 * len(NAMING) >= 300


def list_routes(routes: Any) -> Iterator[tuple[str, str]]:
    """Yield the method and path of every route, also of nested routers."""
    for route in routes:
        if hasattr(route, "original_router"):
            yield from list_routes(route.original_router.routes)
        else:
            yield from ((method, route.path) for method in getattr(route, "methods", None) or ["GET"])


@pytest.mark.parametrize("name", INVALID_TOKENS)
@pytest.mark.parametrize(("method", "path", "row"), PROTECTED)
def test_request_with_an_invalid_token_returns_401_and_changes_nothing(
    people: People, method: str, path: str, row: Row, name: str
) -> None:
    before = people.rows()

    response = send(method, path, row, people.ada, INVALID_TOKENS[name](people.ada.owner))

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert response.json()["type"] == "urn:pixtag:invalid-token"
    assert people.rows() == before


@pytest.mark.parametrize(("method", "path", "row"), ALL)
def test_request_of_the_owner_returns_the_expected_status(people: People, method: str, path: str, row: Row) -> None:
    response = send(method, path, row, people.ada, None if row.public else sign_token(people.ada.owner))

    assert response.status_code == row.status, response.text


@pytest.mark.parametrize(("method", "path", "row"), PROTECTED)
def test_request_of_another_person_reveals_and_changes_nothing(
    people: People, method: str, path: str, row: Row
) -> None:
    """The responses for another owner's, an unknown and a deleted resource are equal and contain no link."""
    before, token = people.rows(), sign_token(people.grace)
    unknown = replace(people.ada, image=new_id(), detection="0" * 12, subscription=new_id())

    responses = [
        (send(method, path, row, resources, token), resources) for resources in (people.ada, unknown, people.gone)
    ]

    assert people.rows() == before
    summaries = [summarize(response, resources) for response, resources in responses]
    assert not [word for _, _, text in summaries for word in SECRETS if word in text]
    if names_resource(path, row):
        assert summaries[0] == summaries[1] == summaries[2]


@pytest.mark.parametrize(("method", "path", "row"), NAMING)
def test_request_for_a_deleted_or_malformed_id_gets_the_response_of_an_unknown_id(
    people: People, method: str, path: str, row: Row
) -> None:
    token = sign_token(people.ada.owner)
    unknown = replace(people.ada, image=new_id(), detection="0" * 12, subscription=new_id())
    malformed = replace(people.ada, image="Malformed", detection="Malformed", subscription="Malformed")

    summaries = [
        summarize(send(method, path, row, resources, token), resources)
        for resources in (unknown, people.gone, malformed)
    ]

    assert summaries[0] == summaries[1] == summaries[2]


CURSORS: tuple[tuple[str, dict[str, str]], ...] = (
    ("/images", {}),
    ("/search", {"q": "unicorn|horse"}),
    ("/export", {"format": "coco"}),
)


def mutate(cursor: str, generator: random.Random) -> str:
    """Return the cursor with changed, inserted or removed characters in one to three places."""
    letters = list(cursor)
    for _ in range(generator.randint(1, 3)):
        place = generator.randrange(len(letters))
        letters[place : place + generator.randint(0, 2)] = generator.choice(
            ["0", "7", "z", "Z", "#", "/", "U#", "é", "%00", "~"]
        )
    return "".join(letters)


def test_mutated_cursor_of_another_owner_reveals_nothing(people: People) -> None:
    generator, statuses = random.Random(6), set()  # noqa: S311 - the same mutations each time
    with TestClient(app, headers={"Authorization": f"Bearer {sign_token(people.grace)}"}) as client:
        for number in range(rounds(500, 5_000)):
            torture.cases.append(1)
            path, params = CURSORS[number % len(CURSORS)]
            response = client.get(path, params=params | {"cursor": mutate(people.ada.image, generator)})
            statuses.add(response.status_code)
            assert not [word for word in SECRETS if word in response.text]

    assert statuses == {200, 400}
