"""Authorization with links of shares: every route under /s/, and the API with the token of a link, on one machine."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import product

import cv2
import numpy as np
import pytest
from fastapi.testclient import TestClient

from app import wiring
from app.domain.edits import TagChange, retag
from app.domain.owner_tokens import RowAddress
from app.domain.shares import PRIVATE, TOKENS
from app.domain.uploads import Upload
from app.main import app
from tests.robustness import torture
from tests.robustness.routes import ALBUM_TITLE, KEY_NAME, ROWS, SHARE_TITLE, Resources, add_album, add_share
from tests.support.fakes import FakeDetector
from tests.support.user_pool import EMAIL
from tests.support.wired_app import WiredApp, lift_rate_limits, wire_app

PASSWORD = "three blue boats"
PUBLIC = ("", "/images/{image}", *(f"/images/{{image}}/{name}" for name in ("thumbnail", "preview", "original")))
SECRETS = ("diary-of-ada.jpg", "unicorn", ALBUM_TITLE, KEY_NAME, EMAIL)
WITHOUT_ACCESS = (
    *("deleted", "expired", "altered", "another secret", "another owner", "api key"),
    *("no cookie", "wrong password", "wrong cookie", "cookie of another share"),
)


@dataclass(frozen=True)
class Scene:
    """Ada's photos, of which the first one is shared, Grace's photo, and the ids of all."""

    ada: str
    grace: str
    shared: str
    private: str
    other: str
    foreign: str

    @property
    def images(self) -> tuple[str, ...]:
        return self.shared, self.private, self.other, self.foreign


@pytest.fixture(scope="module")
def pixtag(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WiredApp]:
    with wire_app("local", tmp_path_factory.mktemp("data"), FakeDetector({"unicorn": 1})) as pixtag:
        lift_rate_limits()
        yield pixtag


@pytest.fixture(scope="module")
def client(pixtag: WiredApp) -> TestClient:
    return TestClient(app, pixtag.url, raise_server_exceptions=False, follow_redirects=False)


@pytest.fixture(scope="module")
def scene(pixtag: WiredApp) -> Scene:
    ada, grace = (str(pixtag.add_person(email)["sub"]) for email in (EMAIL, "grace@example.com"))
    ids = []
    for number, owner in enumerate((ada, ada, ada, grace)):
        photo = cv2.imencode(".jpg", np.full((48, 64, 3), 50 * number, np.uint8))[1].tobytes()
        pending = wiring.ingest().receive(owner, Upload(photo, "image/jpeg", "diary-of-ada.jpg"), max_bytes=10_000)
        image = wiring.ingest().ingest(owner, pending.id)
        assert image
        ids.append(image.id)
    private = wiring.images().get_image(ada, ids[1])
    wiring.images().save(retag(private, [TagChange(PRIVATE, 1)], datetime.now(UTC)), private)
    return Scene(ada, grace, *ids)


def make_link(scene: Scene, kind: str) -> tuple[str, str]:
    """Return a path under /s/ and a cookie. The share would contain the shared and the private photo of Ada."""
    photos = scene.shared, scene.private
    needs_password = kind in {"no cookie", "wrong password", "wrong cookie", "cookie of another share", "password"}
    ends = datetime.now(UTC) + timedelta(hours=-1 if kind == "expired" else 1)
    share, token = add_share(
        scene.ada, photos, expires_at=ends, originals=True, password=PASSWORD if needs_password else None
    )
    _, other = add_share(scene.ada, photos, password=PASSWORD)
    if kind == "deleted":
        wiring.shares().delete(scene.ada, share.id)
    tokens = {
        "altered": token[:-1] + ("0" if token[-1] != "0" else "1"),
        "another secret": TOKENS.make(scene.ada, share.id),
        "another owner": TOKENS.make(scene.grace, share.id),
        "api key": f"pixtag_{token}",
    }
    stored, stranger = (wiring.shares().find(TOKENS.parse(each) or RowAddress("", "")) for each in (token, other))
    cookies = {
        "wrong cookie": "x" * 43,
        "password": stored.pass_value if stored else "",
        "cookie of another share": stranger.pass_value if stranger else "",
    }
    return f"/s/{tokens.get(kind, token)}", cookies.get(kind, "")


def send_all(client: TestClient, scene: Scene, kind: str) -> dict[tuple[str, str], tuple[int, str]]:
    """Send each public request with each photo. Return the statuses, and the texts with the locations."""
    path, cookie = make_link(scene, kind)
    headers = {"Cookie": f"share={cookie}"} if cookie else {}
    if kind == "wrong password":
        client.post(path, data={"password": "three red boats"})
    responses = {
        (route, image): client.get(path + route.format(image=image), headers=headers)
        for route, image in product(PUBLIC, scene.images)
    }
    torture.cases.append(len(responses))
    return {
        cell: (response.status_code, response.text + response.headers.get("Location", ""))
        for cell, response in responses.items()
    }


def test_matrix_has_at_least_300_cells() -> None:
    public = (len(WITHOUT_ACCESS) + 2) * len(PUBLIC) * 4

    assert public + len([row for row in ROWS.values() if not row.public]) >= 300


@pytest.mark.parametrize("kind", WITHOUT_ACCESS)
def test_link_without_access_reveals_nothing(pixtag: WiredApp, client: TestClient, scene: Scene, kind: str) -> None:
    responses = send_all(client, scene, kind)

    needs_password = kind in {"no cookie", "wrong password", "wrong cookie", "cookie of another share"}
    assert {status for status, _ in responses.values()} == {403 if needs_password else 404}
    texts = {text for _, text in responses.values()}
    assert len(texts) == 1
    secrets = (*SECRETS, SHARE_TITLE, pixtag.signature, *scene.images)
    assert not [secret for secret in secrets for text in texts if secret in text]


@pytest.mark.parametrize("kind", ["open", "password"])
def test_link_reaches_only_the_shared_photo(pixtag: WiredApp, client: TestClient, scene: Scene, kind: str) -> None:
    responses = send_all(client, scene, kind)

    allowed = {cell for cell, (status, _) in responses.items() if status < 400}
    assert allowed == {(route, image) for route, image in responses if not route or image == scene.shared}
    assert {status for cell, (status, _) in responses.items() if cell not in allowed} == {404}
    texts = [text for _, text in responses.values()]
    assert not [secret for secret in (*SECRETS, *scene.images[1:]) for text in texts if secret in text]
    assert not [text for cell, (_, text) in responses.items() if cell not in allowed and pixtag.signature in text]


def test_link_of_another_owner_reaches_nothing_of_ada(client: TestClient, scene: Scene) -> None:
    _, token = add_share(scene.grace, scene.images)

    responses = [client.get(f"/s/{token}{route.format(image=scene.shared)}") for route in PUBLIC]

    assert [response.status_code for response in responses] == [200, 404, 404, 404, 404]
    assert scene.shared not in responses[0].text
    assert scene.foreign in responses[0].text


@pytest.mark.parametrize("prefix", ["", "pixtag_"])
def test_token_of_a_link_is_no_token_of_the_api(
    pixtag: WiredApp, client: TestClient, scene: Scene, prefix: str
) -> None:
    share, token = add_share(scene.ada, [scene.shared])
    resources = Resources(scene.shared, "0" * 12, "0" * 26, scene.ada, pixtag.links, share=share.id)
    resources = replace(resources, album=add_album(scene.ada, f"{ALBUM_TITLE} {prefix}").id)
    headers = {"Authorization": f"Bearer {prefix}{token}"}
    before = pixtag.list_rows(), pixtag.list_keys()

    responses = [
        client.request(method, path.format(**resources.ids), headers=headers, **row.make_request(resources))
        for (method, path), row in ROWS.items()
        if not row.public
    ]

    torture.cases.append(len(responses))
    assert {response.status_code for response in responses} == {401}
    assert not [secret for response in responses for secret in SECRETS if secret in response.text]
    assert (pixtag.list_rows(), pixtag.list_keys()) == before
