"""Authorization with API keys: every route that needs a token with every kind of key, on one machine."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient

from app import wiring
from app.api.scopes import SCOPES
from app.domain.api_keys import TOKENS, ApiKey, Scope, StoredKey
from app.domain.ids import new_id
from app.domain.owner_tokens import RowAddress
from app.domain.query import parse
from app.domain.registration import hash_secret
from app.domain.uploads import Upload
from app.main import app
from tests.robustness import torture
from tests.robustness.routes import ALBUM_TITLE, KEY_NAME, ROWS, SHARE_TITLE, Resources, add_album, add_key, add_share
from tests.support.fakes import FakeDetector
from tests.support.user_pool import EMAIL
from tests.support.wired_app import WiredApp, lift_rate_limits, wire_app

PROTECTED = {route: row for route, row in ROWS.items() if not row.public}
OPERATION_IDS = {
    (method.upper(), path): operation["operationId"]
    for path, methods in app.openapi()["paths"].items()
    for method, operation in methods.items()
}
KEYS: dict[str, Sequence[Scope]] = {
    "no scope": [],
    **{scope.value: [scope] for scope in Scope},
    "all scopes": [*Scope],
}
INVALID = ("revoked", "expired", "another secret")
SECRETS = ("diary-of-ada.jpg", "unicorn", ALBUM_TITLE, KEY_NAME, SHARE_TITLE)


@pytest.fixture(scope="module")
def pixtag(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WiredApp]:
    with wire_app("local", tmp_path_factory.mktemp("data"), FakeDetector({"unicorn": 1})) as pixtag:
        lift_rate_limits()
        yield pixtag


@pytest.fixture
def ada(pixtag: WiredApp, photo: bytes) -> Resources:
    """What Ada has, in stores without anything else."""
    pixtag.clear()
    owner: str = pixtag.add_person(EMAIL)["sub"]
    pending = wiring.ingest().receive(owner, Upload(photo, "image/jpeg", "diary-of-ada.jpg"), max_bytes=10_000)
    image = wiring.ingest().ingest(owner, pending.id)
    assert image
    return Resources(
        image.id,
        image.corrected_detections[0].id,
        wiring.subscriptions().add(owner, parse("unicorn")).id,
        owner,
        pixtag.links,
        wiring.operations().proceed(owner, new_id()).id,
        add_album(owner).id,
        add_key(owner).id,
        add_share(owner, [image.id])[0].id,
    )


def make_key(owner: str, scopes: Sequence[Scope], *, ends_in: timedelta | None = None) -> str:
    """Store a key that was used today, and return its token."""
    now = datetime.now(UTC)
    key = ApiKey(new_id(), "Laptop", tuple(scopes), now, now + ends_in if ends_in else None)
    token = TOKENS.make(owner, key.id)
    wiring.api_keys().add(owner, StoredKey(key, hash_secret(token)))
    wiring.api_keys().record_use(RowAddress(owner, key.id), now.date())
    return token


def make_invalid_key(owner: str, kind: str) -> str:
    """Return a token with all scopes that is no longer valid or never was."""
    if kind == "expired":
        return make_key(owner, [*Scope], ends_in=timedelta(seconds=-1))
    token = make_key(owner, [*Scope])
    key_id = wiring.api_keys().list(owner)[-1].id
    if kind == "revoked":
        wiring.api_keys().delete(owner, key_id)
        return token
    return TOKENS.make(owner, key_id)


def send_all(pixtag: WiredApp, token: str, resources: Resources) -> dict[tuple[str, str], tuple[int, str]]:
    """Send the request of each protected route that names the resources. Return the statuses and the texts."""
    headers = {"Authorization": f"Bearer {token}"}
    client = TestClient(app, pixtag.url, headers=headers, raise_server_exceptions=False, follow_redirects=False)
    responses = {
        (method, path): client.request(method, path.format(**resources.ids), **row.make_request(resources))
        for (method, path), row in PROTECTED.items()
    }
    torture.cases.append(len(responses))
    return {route: (response.status_code, response.text) for route, response in responses.items()}


def test_matrix_has_at_least_500_cells() -> None:
    assert len(PROTECTED) * (len(KEYS) + len(INVALID) + 1) >= 500


@pytest.mark.parametrize("name", KEYS)
def test_key_allows_exactly_the_routes_of_its_scopes(pixtag: WiredApp, ada: Resources, name: str) -> None:
    token = make_key(ada.owner, KEYS[name])

    responses = send_all(pixtag, token, ada)

    allowed = {route for route, (status, _) in responses.items() if status not in {401, 403}}
    assert allowed == {route for route in PROTECTED if SCOPES.get(OPERATION_IDS[route]) in {*KEYS[name]}}
    assert not [route for route, (status, _) in responses.items() if status >= 500]
    refused = [text for status, text in responses.values() if status == 403]
    assert not [secret for text in refused for secret in SECRETS if secret in text]


@pytest.mark.parametrize("name", ["no scope", *INVALID])
def test_key_without_permission_changes_nothing(pixtag: WiredApp, ada: Resources, name: str) -> None:
    token = make_key(ada.owner, []) if name in KEYS else make_invalid_key(ada.owner, name)
    before = pixtag.list_rows(), pixtag.list_keys()

    responses = send_all(pixtag, token, ada)

    assert {status for status, _ in responses.values()} == {403 if name in KEYS else 401}
    assert not [secret for _, text in responses.values() for secret in SECRETS if secret in text]
    assert (pixtag.list_rows(), pixtag.list_keys()) == before


def test_key_of_another_owner_reveals_and_changes_nothing(pixtag: WiredApp, ada: Resources) -> None:
    token = make_key(pixtag.add_person("grace.hopper@example.com")["sub"], [*Scope])
    before = [row for row in pixtag.list_rows() if ada.owner in row]

    responses = send_all(pixtag, token, ada)

    assert not [secret for _, text in responses.values() for secret in (*SECRETS, pixtag.signature) if secret in text]
    assert [row for row in pixtag.list_rows() if ada.owner in row] == before
