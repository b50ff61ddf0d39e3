"""Who may do what: every route x every kind of caller. A route without a row fails."""

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
from tests.support.wired_app import wired

SECRETS = ("diary-of-ada.jpg", "unicorn", "X-Amz-Signature=")
PNG = "image/png"


@dataclass(frozen=True)
class Named:
    """What a request names: an image, one of its boxes, a subscription."""

    image: str
    box: str
    subscription: str
    owner: str

    @property
    def link(self) -> str:
        return f"https://{SETTINGS.bucket}.s3.amazonaws.com/{Rendition.THUMBNAIL.key(self.owner, self.image)}"


Ask = Callable[[Named], dict[str, Any]]


@dataclass(frozen=True)
class Row:
    """How a route is asked, and what its owner is answered; `public` ones ask for no token."""

    ask: Ask = lambda named: {}
    status: int = 200
    public: bool = False


def ids(**more: Any) -> Row:
    return Row(lambda named: {"json": {"images": {"ids": [named.image]} | more}})


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
    ("POST", "/images/trash"): ids(),
    ("POST", "/images/restore"): Row(lambda named: {"json": {"images": {"links": [named.link]}}}),
    ("POST", "/images/purge"): ids(dry_run=True),
    ("PATCH", "/images/{image_id}/detections/{detection_id}"): Row(lambda _: {"json": {"label": "horse"}}),
    ("DELETE", "/images/{image_id}/detections/{detection_id}"): Row(),
    ("POST", "/images/{image_id}/redetect"): Row(),
    ("POST", "/redetection"): Row(status=202),
    ("GET", "/redetection"): Row(status=404),
    ("GET", "/search"): Row(lambda _: {"params": {"q": "unicorn"}}),
    ("POST", "/search"): Row(lambda _: {"json": {"tags": [{"tag": "unicorn"}]}}),
    ("GET", "/search/thumbnail"): Row(lambda named: {"params": {"url": named.link}}),
    ("POST", "/search/image"): Row(lambda _: {"files": {"file": ("a.jpg", b"x", "image/jpeg")}}, 422),
    ("GET", "/tags"): Row(),
    ("POST", "/tags"): Row(lambda named: {"json": {"add": [{"tag": "horse"}], "images": {"ids": [named.image]}}}),
    ("POST", "/tags/rename"): Row(
        lambda named: {"json": {"old": "unicorn", "new": "horse", "images": {"links": [named.link]}}}
    ),
    ("GET", "/subscriptions"): Row(),
    ("POST", "/subscriptions"): Row(lambda _: {"json": {"query": "horse"}}, 201),
    ("GET", "/subscriptions/{subscription_id}"): Row(),
    ("DELETE", "/subscriptions/{subscription_id}"): Row(status=204),
    ("GET", "/export"): Row(lambda _: {"params": {"format": "csv"}}),
}
# Pages and files that are the same for everybody: nothing of anybody is in them.
PAGES = {
    *("/", "/photos/{image_id}", "/find", "/labels", "/alerts", "/trash", "/account"),
    *("/sign-in", "/register", "/confirm", "/forgot", "/assets/{name}"),
    *("/docs", "/docs/start.js", "/docs/files", "/openapi.json"),
}


def names_something(path: str, row: Row) -> bool:
    """Whether a request for the route names what may be somebody else's."""
    return "{" in path or row.ask(Named("a", "a", "a", "a")) != row.ask(Named("b", "b", "b", "b"))


def cases(chosen: Callable[[str, Row], bool]) -> list[Any]:
    return [
        pytest.param(method, path, row, id=f"{method} {path}")
        for (method, path), row in ROWS.items()
        if chosen(path, row)
    ]


ALL = cases(lambda path, row: True)
PROTECTED = cases(lambda path, row: not row.public)
NAMING = cases(names_something)


@dataclass(frozen=True)
class People:
    """Ada, who has an image, one that is gone, and a subscription; and Grace, who has none of that."""

    ada: Named
    gone: Named
    grace: str

    def rows(self) -> list[str]:
        """All that the table holds of Ada."""
        items = dynamodb_backends[ACCOUNT][REGION].tables[SETTINGS.table].all_items()
        return sorted(str(item.to_json()) for item in items if self.ada.owner in str(item.hash_key.to_json()))


@pytest.fixture(scope="module")
def cloud_in_process() -> Iterator[None]:
    with wired(boto3.Session("test", "test", region_name="us-east-1"), FakeDetector({"unicorn": 1})):
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
def people(scene: Scene, photo: bytes) -> People:
    """The people as at the beginning. A test that changes nothing leaves them to the next one."""
    if scene.people is None or scene.stores != stores():
        scene.people = make_people(photo)
        scene.stores = stores()
    return replace(scene.people, grace=str(uuid4()))


def stores() -> tuple[list[str], set[str]]:
    """Return all rows of the table, and the keys of all objects."""
    rows = dynamodb_backends[ACCOUNT][REGION].tables[SETTINGS.table].all_items()
    return sorted(str(row.to_json()) for row in rows), set(s3_backends[ACCOUNT]["aws"].buckets[SETTINGS.bucket].keys)


def make_people(photo: bytes) -> People:
    dynamodb_backends[ACCOUNT][REGION].tables[SETTINGS.table].items.clear()
    ada, library, ingest = str(uuid4()), wiring.library(), wiring.ingest()
    images = []
    for data in (photo, photo + b"again"):
        pending = ingest.receive(ada, Upload(data, "image/jpeg", "diary-of-ada.jpg"), max_bytes=10_000)
        image = ingest.ingest(ada, pending.id)
        assert image
        images.append(image)
    subscription = wiring.subscriptions().add(ada, parse("unicorn"))
    there, gone = (Named(image.id, image.corrected_detections[0].id, subscription.id, ada) for image in images)
    library.trash(ada, gone.image)
    library.purge(ada, gone.image)
    gone_subscription = wiring.subscriptions().add(ada, parse("horse"))
    wiring.subscriptions().remove(ada, gone_subscription.id)
    return People(there, replace(gone, subscription=gone_subscription.id), str(uuid4()))


def send(method: str, path: str, row: Row, named: Named, token: str | None) -> Response:
    """The answer to a request for a route that names what is named."""
    kwargs = {**row.ask(named)}
    headers: Mapping[str, str] = kwargs.pop("headers", {}) | ({"Authorization": f"Bearer {token}"} if token else {})
    at = path.format(image_id=named.image, detection_id=named.box, subscription_id=named.subscription)
    with TestClient(app, raise_server_exceptions=False, follow_redirects=False) as client:
        answer: Response = client.request(method, at, headers=headers, **kwargs)
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    return answer


def tells(answer: Response, named: Named) -> tuple[int, dict[str, str], str]:
    """An answer without what the request named itself."""
    text = answer.text
    for part in (named.image, named.box, named.subscription, named.owner):
        text = text.replace(part, "…")
    headers = {name: value for name, value in answer.headers.items() if name != "content-length"}
    return answer.status_code, headers, text


def access(owner: str, **more: Any) -> str:
    return sign(claims(owner) | more)


STRANGE_TOKENS: dict[str, Callable[[str], str | None]] = {
    "nobody": lambda owner: None,
    "expired": lambda owner: access(owner, exp=int(time.time()) - 1),
    "an ID token": lambda owner: access(owner, token_use="id"),
    "another client's": lambda owner: access(owner, client_id="other"),
    "another pool's": lambda owner: access(owner, iss="https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Other"),
}


def test_every_route_has_a_row() -> None:
    assert {(method, path) for method, path in routes(app.routes) if path not in PAGES} == set(ROWS)
    assert (len(STRANGE_TOKENS) + 4) * len(PROTECTED) + 3 * len(NAMING) >= 300


def routes(found: Any) -> Iterator[tuple[str, str]]:
    """Method and path of every route, those of routers in routers too."""
    for route in found:
        if hasattr(route, "original_router"):
            yield from routes(route.original_router.routes)
        else:
            yield from ((method, route.path) for method in getattr(route, "methods", None) or ["GET"])


@pytest.mark.parametrize("name", STRANGE_TOKENS)
@pytest.mark.parametrize(("method", "path", "row"), PROTECTED)
def test_without_a_good_token_nothing_is_told_or_done(
    people: People, method: str, path: str, row: Row, name: str
) -> None:
    before = people.rows()

    answer = send(method, path, row, people.ada, STRANGE_TOKENS[name](people.ada.owner))

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.json()["type"] == "urn:pixtag:invalid-token"
    assert people.rows() == before


@pytest.mark.parametrize(("method", "path", "row"), ALL)
def test_the_owner_is_answered(people: People, method: str, path: str, row: Row) -> None:
    answer = send(method, path, row, people.ada, None if row.public else access(people.ada.owner))

    assert answer.status_code == row.status, answer.text


@pytest.mark.parametrize(("method", "path", "row"), PROTECTED)
def test_a_stranger_learns_and_changes_nothing(people: People, method: str, path: str, row: Row) -> None:
    """What is another's, what never was, and what is gone are answered alike, and none of it is linked to."""
    before, token = people.rows(), access(people.grace)
    unknown = replace(people.ada, image=new_id(), box="0" * 12, subscription=new_id())

    answers = [(send(method, path, row, named, token), named) for named in (people.ada, unknown, people.gone)]

    assert people.rows() == before
    told = [tells(answer, named) for answer, named in answers]
    assert not [word for _, _, text in told for word in SECRETS if word in text]
    if names_something(path, row):
        assert told[0] == told[1] == told[2]


@pytest.mark.parametrize(("method", "path", "row"), NAMING)
def test_what_is_gone_and_what_cannot_be_are_as_what_never_was(
    people: People, method: str, path: str, row: Row
) -> None:
    token = access(people.ada.owner)
    unknown = replace(people.ada, image=new_id(), box="0" * 12, subscription=new_id())
    malformed = replace(people.ada, image="Malformed", box="Malformed", subscription="Malformed")

    told = [tells(send(method, path, row, named, token), named) for named in (unknown, people.gone, malformed)]

    assert told[0] == told[1] == told[2]


CURSORS: tuple[tuple[str, dict[str, str]], ...] = (
    ("/images", {}),
    ("/search", {"q": "unicorn|horse"}),
    ("/export", {"format": "coco"}),
)


def spoilt(good: str, chance: random.Random) -> str:
    """A cursor in which one to three characters are others, or more, or fewer."""
    letters = list(good)
    for _ in range(chance.randint(1, 3)):
        place = chance.randrange(len(letters))
        letters[place : place + chance.randint(0, 2)] = chance.choice(
            ["0", "7", "z", "Z", "#", "/", "U#", "é", "%00", "~"]
        )
    return "".join(letters)


def test_no_cursor_leads_out_of_ones_own_library(people: People) -> None:
    chance, seen = random.Random(6), set()  # noqa: S311 - the same mutations each time
    with TestClient(app, headers={"Authorization": f"Bearer {access(people.grace)}"}) as client:
        for number in range(rounds(500, 5_000)):
            torture.cases.append(1)
            path, params = CURSORS[number % len(CURSORS)]
            answer = client.get(path, params=params | {"cursor": spoilt(people.ada.image, chance)})
            seen.add(answer.status_code)
            assert not [word for word in SECRETS if word in answer.text]

    assert seen == {200, 400}
