"""A refused request leaves nothing behind: after each kind of refusal, all rows and objects are the same."""

from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest
from fastapi.testclient import TestClient

from app import wiring
from app.api.dependencies import provide
from app.domain.errors import InvalidToken, StorageFull
from app.domain.ids import new_id
from app.domain.query import parse
from app.domain.quotas import Limits
from app.domain.uploads import Upload
from app.main import app
from tests.robustness import torture
from tests.robustness.bounds import make_ordinary_request
from tests.robustness.routes import ROWS, Resources, add_album, add_key, add_share
from tests.support.fakes import FakeDetector
from tests.support.sampling import TORTURE
from tests.support.user_pool import EMAIL
from tests.support.wired_app import WiredApp, lift_rate_limits, wire_app


class EndedSessions:
    """An account store that rejects every access token, because its session has ended."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def reject(*_: object, **__: object) -> None:
            raise InvalidToken

        return reject


class FullDisk:
    """A disk without free space."""

    free_bytes = 0
    total_bytes = 10

    def require_space_for_edit(self) -> None:
        raise StorageFull


def limit_to_nothing() -> None:
    quotas: Any = wiring.quotas()
    quotas.limits = wiring.address_limits().limits = Limits(*[0] * len(Limits.__slots__))


def limit_edits() -> None:
    quotas: Any = wiring.quotas()
    quotas.limits = Limits(uploads_per_minute=0, edits_per_minute=0, detections_per_minute=0)


REFUSALS: Final[dict[str, tuple[Callable[[], object], int]]] = {
    "the session has ended": (lambda: app.dependency_overrides.update({provide(wiring.accounts): EndedSessions}), 401),
    "the disk is full": (lambda: app.dependency_overrides.update({provide(wiring.disk): FullDisk}), 507),
    "too many edits": (limit_edits, 429),
    "too many requests": (limit_to_nothing, 429),
    "another version": (lambda: None, 412),
}
LAST: Final = {  # these can end the session
    ("PUT", "/auth/me/password"),
    ("DELETE", "/auth/me/sessions"),
    ("DELETE", "/auth/me"),
}
MIN_REFUSED: Final = {
    "the session has ended": 3,
    "the disk is full": 5,
    "too many edits": 12,
    "too many requests": 28,
    "another version": 4,
}


@pytest.fixture(scope="module", params=["local", "aws"] if TORTURE else ["local"])
def pixtag(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WiredApp]:
    with wire_app(request.param, tmp_path_factory.mktemp("data"), FakeDetector({"unicorn": 1})) as pixtag:
        yield pixtag


@pytest.mark.parametrize("name", REFUSALS)
def test_refused_request_leaves_nothing_behind(
    pixtag: WiredApp, photo: bytes, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse, status = REFUSALS[name]
    claims = pixtag.add_person(f"{name.replace(' ', '.')}.{EMAIL}")
    resources = make_resources(claims["sub"], photo, pixtag.links)
    headers = {"Authorization": f"Bearer {pixtag.signer.sign(claims)}", "If-Match": '"999"'}
    client = TestClient(app, pixtag.url, headers=headers, raise_server_exceptions=False, follow_redirects=False)
    monkeypatch.setattr(app, "dependency_overrides", dict(app.dependency_overrides))
    lift_rate_limits()
    refuse()
    refused = []
    for method, path in sorted((operation for operation, row in ROWS.items() if not row.public), key=LAST.__contains__):
        before = read_stores(pixtag)
        request = make_ordinary_request(method, path, resources)
        response = client.request(method, path.format(**request.pop("path")), **request)
        if response.status_code == status:
            refused.append((method, path))
            assert read_stores(pixtag) == before, (method, path)
        else:  # another refusal may come first, or nothing refuses the request
            assert response.status_code < 500, (method, path, response.text)
    torture.cases.append(len(refused))

    assert len(refused) >= MIN_REFUSED[name], refused


def read_stores(pixtag: WiredApp) -> tuple[list[str], set[str]]:
    """Return all rows and the keys of all objects, without the counts of requests."""
    return [row for row in pixtag.list_rows() if "RATE#" not in row], pixtag.list_keys()


def make_resources(owner: str, photo: bytes, links: str) -> Resources:
    """Add an image, a subscription, an album and an API key."""
    pending = wiring.ingest().receive(owner, Upload(photo, "image/jpeg", "beach.jpg"), max_bytes=10_000)
    image = wiring.ingest().ingest(owner, pending.id)
    assert image
    subscription = wiring.subscriptions().add(owner, parse("unicorn"))
    operation = wiring.operations().proceed(owner, new_id())
    detection = image.corrected_detections[0].id
    ids = add_album(owner).id, add_key(owner).id, add_share(owner, [image.id])[0].id
    return Resources(image.id, detection, subscription.id, owner, links, operation.id, *ids)
