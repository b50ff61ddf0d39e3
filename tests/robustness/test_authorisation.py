"""Authorization: every route with every kind of caller, on AWS and on one machine.

A route that `tests.robustness.routes` lacks fails a test. Refusals are decided before the stores are read, or by the
services, which both stores share, so `make test` checks only a sample of them on AWS.
"""

import random
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from app import wiring
from app.api.challenges import BEARER
from app.api.conditional_requests import REVALIDATE
from app.api.security_headers import HEADERS
from app.domain.ids import new_id
from app.domain.query import parse
from app.domain.uploads import Upload
from app.main import app
from tests.robustness import torture
from tests.robustness.routes import (
    ALBUM_TITLE,
    KEY_NAME,
    OTHER_ADDRESS,
    PAGES,
    ROWS,
    SHARE_TITLE,
    Resources,
    Row,
    add_album,
    add_key,
    add_share,
    names_resource,
)
from tests.support.fakes import FakeDetector
from tests.support.sampling import on_stores, rounds, sample
from tests.support.user_pool import EMAIL
from tests.support.wired_app import LocalApp, WiredApp, wire_app

SECRETS = ("diary-of-ada.jpg", "unicorn", ALBUM_TITLE, KEY_NAME, SHARE_TITLE)


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
    """Ada, who has an image, a subscription, an album, an API key, a share and deleted ones of each, and Grace.

    Grace has nothing.

    `claims` and `grace` are the claims of their access tokens.
    """

    pixtag: WiredApp
    claims: dict[str, Any]
    ada: Resources
    gone: Resources
    grace: dict[str, Any]

    @property
    def token(self) -> str:
        return self.pixtag.signer.sign(self.claims)

    @property
    def grace_token(self) -> str:
        return self.pixtag.signer.sign(self.grace)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Texts that only Ada may read."""
        return (*SECRETS, self.pixtag.signature)

    @property
    def unknown(self) -> Resources:
        """Ids that nothing has."""
        return replace(
            self.ada,
            image=new_id(),
            detection="0" * 12,
            subscription=new_id(),
            operation=new_id(),
            album=new_id(),
            key=new_id(),
            share=new_id(),
            account=str(uuid4()),
        )

    def rows(self) -> list[str]:
        """Return all rows of Ada."""
        return [row for row in self.pixtag.list_rows() if self.ada.owner in row]


@dataclass
class Scene:
    """The people that the tests share, and the contents of the stores when they were made."""

    pixtag: WiredApp
    people: People | None = None
    stores: tuple[list[str], set[str]] | None = None

    def read_stores(self) -> tuple[list[str], set[str]]:
        return self.pixtag.list_rows(), self.pixtag.list_keys()


@pytest.fixture(scope="module", params=["aws", "local"])
def scene(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with wire_app(request.param, tmp_path_factory.mktemp("data"), FakeDetector({"unicorn": 1})) as pixtag:
        yield Scene(pixtag)


@pytest.fixture
def people(scene: Scene, photo: bytes) -> Iterator[People]:
    """The people with their first data. They are made again only if the last test changed the stores."""
    if scene.people is None or scene.stores != scene.read_stores():
        scene.people = make_people(scene.pixtag, photo)
        scene.stores = scene.read_stores()
    yield scene.people
    scene.pixtag.check()


def make_people(pixtag: WiredApp, photo: bytes) -> People:
    """Empty the stores, and create Ada's data in them."""
    pixtag.clear()
    claims, library, ingest = pixtag.add_person(EMAIL), wiring.library(), wiring.ingest()
    ada = claims["sub"]
    images = []
    for data in (photo, photo + b"second"):
        pending = ingest.receive(ada, Upload(data, "image/jpeg", "diary-of-ada.jpg"), max_bytes=10_000)
        image = ingest.ingest(ada, pending.id)
        assert image
        images.append(image)
    subscription = wiring.subscriptions().add(ada, parse("unicorn"))
    existing, gone = (
        Resources(image.id, image.corrected_detections[0].id, subscription.id, ada, pixtag.links) for image in images
    )
    library.trash(ada, gone.image)
    library.purge(ada, gone.image)
    gone_subscription = wiring.subscriptions().add(ada, parse("horse"))
    wiring.subscriptions().remove(ada, gone_subscription.id)
    gone_album = add_album(ada)
    wiring.albums().delete(ada, gone_album.id)
    gone_key = add_key(ada)
    wiring.api_keys().delete(ada, gone_key.id)
    gone_share, share = (add_share(ada, [images[0].id])[0] for _ in range(2))
    wiring.shares().delete(ada, gone_share.id)
    existing = replace(existing, album=add_album(ada).id, key=add_key(ada).id, share=share.id)
    gone = replace(gone, subscription=gone_subscription.id, operation=new_id())
    gone = replace(gone, album=gone_album.id, key=gone_key.id, share=gone_share.id)
    other, gone_other = (pixtag.add_person(email)["sub"] for email in (OTHER_ADDRESS, f"gone.{OTHER_ADDRESS}"))
    if administration := wiring.administration():
        administration.delete(gone_other)
    existing, gone = replace(existing, account=other), replace(gone, account=gone_other)
    wiring.operations().proceed(ada, existing.operation)
    return People(pixtag, claims, existing, gone, pixtag.add_person("grace.hopper@example.com"))


def make_client(pixtag: WiredApp) -> TestClient:
    return TestClient(app, pixtag.url, raise_server_exceptions=False, follow_redirects=False)


def send(people: People, method: str, path: str, row: Row, resources: Resources, token: str | None) -> Response:
    """Send a request that names the resources, check the security headers, and return the response."""
    kwargs = {**row.make_request(resources)}
    headers: Mapping[str, str] = kwargs.pop("headers", {}) | ({"Authorization": f"Bearer {token}"} if token else {})
    url = path.format(**resources.ids)
    response: Response = make_client(people.pixtag).request(method, url, headers=headers, **kwargs)
    expected = HEADERS | ({"Cache-Control": REVALIDATE} if "ETag" in response.headers and method == "GET" else {})
    assert {name: response.headers.get(name) for name in HEADERS} == expected
    return response


def summarize(response: Response, resources: Resources) -> tuple[int, dict[str, str], str]:
    """Return the status, headers and text of a response, without the ids of the request and of a new operation."""
    text = re.sub(r'"operation":"[^"]+"', '"operation":"…"', response.text)
    for part in (
        resources.image,
        resources.detection,
        resources.subscription,
        resources.operation,
        resources.album,
        resources.key,
        resources.account,
        resources.owner,
    ):
        text = text.replace(part, "…")
    headers = {name: value for name, value in response.headers.items() if name != "content-length"}
    return response.status_code, headers, text


INVALID_TOKENS: dict[str, dict[str, Any]] = {
    "expired": {"exp": int(time.time()) - 1},
    "an ID token": {"token_use": "id"},
    "another client's": {"client_id": "other"},
    "another pool's": {"iss": "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Other"},
}
TOKENS = ("no token", *INVALID_TOKENS)
ROUTE = ("method", "path", "row")
ROUTE_AND_TOKEN = (*ROUTE, "name")
TOKEN_CASES = [pytest.param(*each.values, name, id=f"{each.id}-{name}") for each in PROTECTED for name in TOKENS]


def test_rows_of_the_matrix_contain_every_route() -> None:
    assert {(method, path) for method, path in list_routes(app.routes) if path not in PAGES} == set(ROWS)
    assert (1 + len(INVALID_TOKENS) + 4) * len(PROTECTED) + 3 * len(NAMING) >= 300


def list_routes(routes: Any) -> Iterator[tuple[str, str]]:
    """Yield the method and path of every route, also of nested routers."""
    for route in routes:
        if hasattr(route, "original_router"):
            yield from list_routes(route.original_router.routes)
        else:
            yield from ((method, route.path) for method in getattr(route, "methods", None) or ["GET"])


@on_stores(
    "scene",
    ROUTE_AND_TOKEN,
    sample(TOKEN_CASES, 4),  # in `make test`, each route gets one or two of the five tokens
    stride=8,
)
def test_request_with_an_invalid_token_returns_401_and_changes_nothing(
    people: People, method: str, path: str, row: Row, name: str
) -> None:
    before = people.rows()
    token = people.pixtag.signer.sign(people.claims | INVALID_TOKENS[name]) if name in INVALID_TOKENS else None

    response = send(people, method, path, row, people.ada, token)

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].startswith(BEARER)
    assert response.json()["type"] == "urn:pixtag:invalid-token"
    assert people.rows() == before


@on_stores("scene", ROUTE, ALL, stride=4)
def test_request_of_the_owner_returns_the_expected_status(people: People, method: str, path: str, row: Row) -> None:
    response = send(people, method, path, row, people.ada, None if row.public else people.token)

    status = row.local_status if row.local_status and isinstance(people.pixtag, LocalApp) else row.status
    assert response.status_code == status, response.text


@on_stores("scene", ROUTE, PROTECTED, stride=6)
def test_request_of_another_person_reveals_and_changes_nothing(
    people: People, method: str, path: str, row: Row
) -> None:
    """The responses for another owner's, an unknown and a deleted resource are equal and contain no link."""
    before = people.rows()

    responses = [
        (send(people, method, path, row, resources, people.grace_token), resources)
        for resources in (people.ada, people.unknown, people.gone)
    ]

    assert people.rows() == before
    summaries = [summarize(response, resources) for response, resources in responses]
    assert not [word for _, _, text in summaries for word in people.secrets if word in text]
    if names_resource(path, row):
        assert summaries[0] == summaries[1] == summaries[2]


@on_stores("scene", ROUTE, NAMING, stride=6)
def test_request_for_a_deleted_or_malformed_id_gets_the_response_of_an_unknown_id(
    people: People, method: str, path: str, row: Row
) -> None:
    names = ("image", "detection", "subscription", "operation", "album", "key", "share", "account")
    malformed = replace(people.ada, **dict.fromkeys(names, "Malformed"))

    summaries = [
        summarize(send(people, method, path, row, resources, people.token), resources)
        for resources in (people.unknown, people.gone, malformed)
    ]

    assert summaries[0] == summaries[1] == summaries[2]


CURSORS: tuple[tuple[str, dict[str, str]], ...] = (
    ("/images", {}),
    ("/search", {"q": "unicorn|horse"}),
    ("/export/coco", {}),
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
    client = make_client(people.pixtag)
    client.headers["Authorization"] = f"Bearer {people.grace_token}"
    for number in range(rounds(100, 5_000)):
        torture.cases.append(1)
        path, params = CURSORS[number % len(CURSORS)]
        response = client.get(path, params=params | {"cursor": mutate(people.ada.image, generator)})
        statuses.add(response.status_code)
        assert not [word for word in people.secrets if word in response.text]

    assert statuses == {200, 400}
