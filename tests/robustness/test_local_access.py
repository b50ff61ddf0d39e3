"""Objects and e-mails of one machine, which need no access token: a link or a form is the permission to use them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app import wiring
from app.adapters.local.address import use_address
from app.domain.ids import DERIVED, Rendition, new_id
from app.domain.uploads import Upload
from app.main import app
from tests.robustness.routes import Resources
from tests.support.asgi import request
from tests.support.fakes import FakeDetector
from tests.support.user_pool import EMAIL
from tests.support.wired_app import LocalApp, wire_local_app

PATHS = ("/mailbox", "/mailbox.json")


@dataclass(frozen=True)
class Library:
    """Ada's image, and Grace's access token."""

    pixtag: LocalApp
    image: Resources
    grace_token: str
    client: TestClient


@pytest.fixture
def library(tmp_path: Path, photo: bytes) -> Iterator[Library]:
    with wire_local_app(tmp_path, FakeDetector({"dog": 1})) as pixtag:
        owner = pixtag.add_person(EMAIL)["sub"]
        pending = wiring.ingest().receive(owner, Upload(photo, "image/jpeg", "a.jpg"), max_bytes=10_000)
        wiring.ingest().ingest(owner, pending.id)
        grace_token = pixtag.signer.sign(pixtag.add_person("grace@example.com"))
        image = Resources(pending.id, "", "", owner, pixtag.links)
        client = TestClient(app, pixtag.url, headers={"Authorization": f"Bearer {grace_token}"})
        yield Library(pixtag, image, grace_token, client)
        pixtag.check()


def make_link(key: str) -> str:
    with use_address(LocalApp.url):
        return wiring.objects().link(key)


Alteration = Callable[[str, str, str], str]
"""A function of Ada's key, Grace's key and a valid link to Ada's object. It returns an invalid link."""

ALTERATIONS: dict[str, Alteration] = {
    "no signature": lambda key, other, link: f"{LocalApp.links}{key}",
    "the signature of another key": lambda key, other, link: make_link(other).replace(other, key),
    "an altered signature": lambda key, other, link: link[:-1] + ("0" if link[-1] != "0" else "1"),
    "a later end": lambda key, other, link: link.replace("expires=", "expires=9"),
    "another name": lambda key, other, link: f"{link}&name=b.jpg",
}


@pytest.mark.parametrize("name", ALTERATIONS)
@pytest.mark.parametrize("rendition", [Rendition.ORIGINAL, *sorted(DERIVED)])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_request_with_an_invalid_link_gets_the_response_of_an_unknown_object(
    library: Library, rendition: Rendition, name: str, method: str
) -> None:
    responses = []
    for image_id in (library.image.image, new_id()):
        key, other = rendition.key(library.image.owner, image_id), rendition.key("grace", new_id())
        responses.append(library.client.request(method, ALTERATIONS[name](key, other, make_link(key))))

    assert [response.status_code for response in responses] == [403, 403]
    assert responses[0].content == responses[1].content


def test_request_with_a_valid_link_needs_no_token(library: Library) -> None:
    key = Rendition.THUMBNAIL.key(library.image.owner, library.image.image)

    response = TestClient(app, LocalApp.url).get(make_link(key))

    assert response.status_code == 200
    assert response.headers["Content-Type"] == "image/jpeg"


def test_form_with_the_key_of_another_owner_is_rejected_and_stores_nothing(library: Library) -> None:
    offer = library.client.post("/uploads", json={"name": "a.jpg", "type": "image/jpeg", "size": 3}).json()
    before = library.pixtag.list_keys()
    key = Rendition.INCOMING.key(library.image.owner, new_id())

    response = library.client.post(
        offer["form"]["url"], data=offer["form"]["fields"] | {"key": key}, files={"file": b"abc"}
    )

    assert response.status_code == 403
    assert library.pixtag.list_keys() == before


@pytest.mark.parametrize("path", PATHS)
def test_mailbox_for_another_machine_does_not_exist(library: Library, path: str) -> None:
    wiring.local_stores().mail.send(EMAIL.lower(), "A code", "123456")

    from_this_machine, from_another_machine = request(app, "GET", path), library.client.get(path)

    assert (from_this_machine.status, from_another_machine.status_code) == (200, 404)
    assert b"123456" in from_this_machine.body
    assert "123456" not in from_another_machine.text
