import json
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from importlib import import_module
from io import BytesIO
from pathlib import Path
from pkgutil import walk_packages
from types import ModuleType
from typing import Any
from uuid import uuid4

import httpx
import pytest

from infra.local.cloud import LocalCloud
from infra.local.emulator import confirmation_code
from infra.local.program import wait_until
from infra.local.scenes import scene

DOCUMENT = Path(__file__).parents[2] / "openapi.json"
PACKAGE = "generated_pixtag"
PASSWORD = "correct horse battery staple"
SECONDS = 30


class Library:
    """The generated package: a module for each operation of the document, classes for its schemas."""

    def __init__(self, package: ModuleType) -> None:
        self.package = package
        self.models = import_module(f"{package.__name__}.models")
        found = walk_packages([f"{package.__path__[0]}/api"], f"{package.__name__}.api.")
        self.operations = {one.name.rpartition(".")[2]: one.name for one in found if not one.ispkg}

    def __getattr__(self, operation: str) -> Any:
        return import_module(self.operations[operation])


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    folder = tmp_path_factory.mktemp("generated")
    config = folder / "config.json"
    config.write_text('{"post_hooks": []}')  # nobody reads it: it need not be formatted
    generate = [sys.executable, "-m", "openapi_python_client", "generate", "--fail-on-warning", "--meta", "none"]
    where = {"--path": DOCUMENT, "--output-path": folder / PACKAGE, "--config": config}
    subprocess.run([*generate, *(f"{option}={path}" for option, path in where.items())], check=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        yield Library(import_module(PACKAGE))


@pytest.fixture
def email() -> str:
    return f"{uuid4()}@example.com"


@pytest.fixture
def ada(library: Library, cloud: LocalCloud, email: str) -> Iterator[Any]:
    """A client of a person who has registered, confirmed and signed in; it raises at what the document does not say."""
    strictly = {"base_url": cloud.api_url, "raise_on_unexpected_status": True, "httpx_args": {"trust_env": False}}
    models = library.models
    with library.package.Client(**strictly) as visitor:
        person = models.RegistrationRequest(email, PASSWORD, "Ada", "Lovelace")
        library.register.sync(client=visitor, body=person)
        code = confirmation_code(cloud.endpoint_url, email)
        library.confirm.sync(client=visitor, body=models.ConfirmationRequest(email, code))
        grant = models.TokenRequest(models.TokenRequestGrantType.PASSWORD, email, PASSWORD)
        token = library.create_token.sync(client=visitor, body=grant).access_token
    with library.package.AuthenticatedClient(token=token, **strictly) as client:
        yield client


def settled(library: Library, ada: Any, image_id: str) -> Any:
    read = partial(library.get_image.sync, image_id, client=ada)
    wait_until(lambda: read().state != "pending", SECONDS, "It stays pending.")
    return read()


def upload(library: Library, ada: Any, data: bytes) -> Any:
    """Send a picture in one request; return its image once it is ready."""
    file = import_module(f"{PACKAGE}.types").File(BytesIO(data), "street.png", "image/png")
    body = library.models.BodyUploadImage(file)
    return settled(library, ada, library.upload_image.sync(client=ada, body=body).id)


def test_each_operation_of_the_document_is_one_of_the_library(library: Library) -> None:
    paths = json.loads(DOCUMENT.read_text())["paths"].values()

    assert len(library.operations) == sum(map(len, paths))


def test_a_person_registers_and_signs_in(library: Library, ada: Any, email: str) -> None:
    assert library.get_me.sync(client=ada).email == email


def test_pictures_are_sent_both_ways_and_found(library: Library, ada: Any) -> None:
    small = upload(library, ada, scene(stop_signs=2, clocks=1))
    data = scene(stop_signs=1)
    offer = library.create_upload.sync(client=ada, body=library.models.UploadRequest("a.png", "image/png", len(data)))
    fields = offer.form.fields.to_dict()
    httpx.post(offer.form.url, data=fields, files={"file": data}, trust_env=False).raise_for_status()
    large = settled(library, ada, offer.id)

    found = library.search.sync(client=ada, q="stop sign").images
    narrower = library.search_by_tags.sync(
        client=ada, body=library.models.TagSearchRequest([library.models.TagMinimum("stop sign", 2)])
    ).images

    assert [image.id for image in found] == [large.id, small.id]
    assert [image.id for image in narrower] == [small.id]


def test_tags_are_corrected(library: Library, ada: Any) -> None:
    image = upload(library, ada, scene(stop_signs=2))
    models = library.models

    edit = models.TagEditRequest(
        add=[models.TagAddition("dog")],
        remove=[models.TagRemoval("stop sign", 1)],
        images=models.ImageSelection(ids=[image.id]),
    )
    answer = library.edit_tags.sync(client=ada, body=edit)

    assert [(one.image, one.result.value) for one in answer.outcomes] == [(image.id, "changed")]
    tags = {tag.tag: tag.images for tag in library.list_tags.sync(client=ada).tags}
    assert tags == {"dog": 1, "stop sign": 1}
    assert library.search.sync(client=ada, q="stop sign=1, dog").images[0].id == image.id


def test_a_person_subscribes_and_ends_it(library: Library, ada: Any) -> None:
    made = library.subscribe.sync(client=ada, body=library.models.SubscriptionRequest("dog>=2"))

    known = [library.list_subscriptions.sync(client=ada).subscriptions]
    library.unsubscribe.sync(made.id, client=ada)
    known.append(library.list_subscriptions.sync(client=ada).subscriptions)

    assert known == [[made], []]


def test_an_image_goes_through_the_trash(library: Library, ada: Any) -> None:
    image_id = upload(library, ada, scene(clocks=1)).id
    chosen = library.models.BulkRequest(library.models.ImageSelection(ids=[image_id]))

    states = []
    for step in (
        partial(library.trash_image.sync, image_id),
        partial(library.restore_images.sync, body=chosen),
        partial(library.trash_images.sync, body=chosen),
        partial(library.purge_images.sync, body=chosen),
    ):
        step(client=ada)
        states.append(getattr(library.get_image.sync(image_id, client=ada), "state", "gone"))

    assert states == ["trashed", "ready", "trashed", "gone"]


def test_a_failure_is_a_problem_that_says_what_to_do(library: Library, ada: Any) -> None:
    problem = library.search.sync(client=ada, q="dog>=")

    assert isinstance(problem, library.models.Problem)
    assert (problem.status, problem.position) == (422, 5)
