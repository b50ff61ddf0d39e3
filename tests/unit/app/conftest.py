"""Clients of the HTTP API, with moto for AWS and access tokens signed by the tests.

The fixtures import the API, so that a test of the domain starts quickly.
"""

from collections.abc import Callable, Iterator
from importlib import import_module
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from anyio.from_thread import BlockingPortal
    from fastapi.testclient import TestClient

    from app.domain.ports import Albums, ApiKeys, Images, Objects, Operations, OwnerPreferences, Quotas, Redetections
    from app.services.ingest import Ingest
    from app.services.library import Library
    from app.services.part_uploads import PartUploads
    from tests.support.services import Services


@pytest.fixture
def on_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the app accept every Host header, as it does on AWS."""
    from app import wiring

    monkeypatch.setattr(wiring, "find_local_settings", lambda: None)


Caller = Callable[[str], "TestClient"]


@pytest.fixture
def caller(
    images: "Images",
    objects: "Objects",
    library: "Library",
    ingest: "Ingest",
    part_uploads: "PartUploads",
    quotas: "Quotas",
    redetections: "Redetections",
    preferences: "OwnerPreferences",
    portal: "BlockingPortal",
    albums: "Albums",
    api_keys: "ApiKeys",
    services: "Services",
    operations: "Operations",
) -> Iterator[Caller]:
    """Return a function that creates a client with the access token of an owner."""
    from fastapi.testclient import TestClient

    from app import wiring
    from app.api.dependencies import provide
    from app.main import app
    from tests.support.tokens import ISSUER, SETTINGS, claims, sign

    wiring.address_limits.cache_clear()
    app.dependency_overrides |= {
        provide(wiring.settings): lambda: SETTINGS,
        provide(wiring.token_issuer): lambda: ISSUER,
        provide(wiring.images): lambda: images,
        provide(wiring.objects): lambda: objects,
        provide(wiring.library): lambda: library,
        provide(wiring.ingest): lambda: ingest,
        provide(wiring.part_uploads): lambda: part_uploads,
        provide(wiring.quotas): lambda: quotas,
        provide(wiring.redetections): lambda: redetections,
        provide(wiring.preferences): lambda: preferences,
        provide(wiring.albums): lambda: albums,
        provide(wiring.api_keys): lambda: api_keys,
        provide(wiring.shares): lambda: services.shares,
        provide(wiring.sharing): lambda: services.sharing,
        provide(wiring.operations): lambda: operations,
    }

    def call(owner: str) -> TestClient:
        headers = {"Authorization": f"Bearer {sign(claims(owner))}"}
        client = TestClient(app, headers=headers, raise_server_exceptions=False, follow_redirects=False)
        client.portal = portal
        return client

    yield call
    app.dependency_overrides.clear()


@pytest.fixture
def client(caller: Caller, owner: str) -> "TestClient":
    return caller(owner)


@pytest.fixture
def anonymous(client: "TestClient") -> "TestClient":
    del client.headers["Authorization"]
    return client


@pytest.fixture
def move_clock(backend: str, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """A function that sets the clock of the quotas to a number of seconds after noon."""
    from tests.support.fakes import NOON

    module = import_module(f"app.adapters.{backend}.quotas")

    def move(seconds: int) -> None:
        monkeypatch.setattr(module, "time", SimpleNamespace(time=lambda: NOON + seconds + 0.9))

    move(0)
    return move


@pytest.fixture
def small_quotas(quotas: "Quotas", move_clock: Callable[[int], None]) -> "Quotas":
    """Quotas of two images and a few requests per minute."""
    from app.domain.quotas import Limits

    quotas.limits = Limits(
        images=2,
        bytes=1_000,
        uploads_per_minute=3,
        edits_per_minute=2,
        detections_per_minute=1,
        bytes_per_day=5_000,
        requests_per_minute=20,
    )
    return quotas
