import json
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

from infra.build.clients.__main__ import DOCUMENT, PACKAGE
from infra.local.pixtag import PixTag
from infra.local.program import wait_until
from infra.local.scenes import scene

PASSWORD = "correct horse battery staple"
SECONDS = 30


class Library:
    """The generated package: it has a module for each operation of the document, and a class for each schema."""

    def __init__(self, package: ModuleType) -> None:
        self.package = package
        self.models = import_module(f"{package.__name__}.models")
        modules = walk_packages([f"{package.__path__[0]}/api"], f"{package.__name__}.api.")
        self.operations = {module.name.rpartition(".")[2]: module.name for module in modules if not module.ispkg}

    def __getattr__(self, operation: str) -> Any:
        return import_module(self.operations[operation])


@pytest.fixture(scope="module")
def library(wheel: Path) -> Iterator[Library]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(wheel)
        yield Library(import_module(PACKAGE))


@pytest.fixture
def email() -> str:
    return f"{uuid4()}@example.com"


@pytest.fixture
def ada(library: Library, pixtag: PixTag, email: str) -> Iterator[Any]:
    """Client of a person who has signed in. It raises an exception at a response that the document does not list."""
    options = {
        "base_url": pixtag.url,
        "raise_on_unexpected_status": True,
        "follow_redirects": True,
        "httpx_args": {"trust_env": False},
    }
    models = library.models
    with library.package.Client(**options) as visitor:
        person = models.RegistrationRequest(email, PASSWORD, "Ada", "Lovelace")
        library.register.sync(client=visitor, body=person)
        code = pixtag.find_code(email)
        library.confirm.sync(client=visitor, body=models.ConfirmationRequest(email, code, PASSWORD))
        credentials = models.TokenRequest(models.TokenRequestGrantType.PASSWORD, username=email, password=PASSWORD)
        token = library.create_token.sync(client=visitor, body=credentials).access_token
    with library.package.AuthenticatedClient(token=token, **options) as client:
        yield client


def get_processed(library: Library, ada: Any, image_id: str) -> Any:
    """Wait until the image is processed, and return it."""
    get_image = partial(library.get_image.sync, image_id, client=ada)
    wait_until(lambda: get_image().state != "pending", SECONDS, "The image stays pending.")
    return get_image()


def upload(library: Library, ada: Any, data: bytes) -> Any:
    """Upload a picture in one request, and return its image after processing."""
    file = import_module(f"{PACKAGE}.types").File(BytesIO(data), "street.png", "image/png")
    body = library.models.BodyUploadImage(file)
    return get_processed(library, ada, library.upload_image.sync(client=ada, body=body).id)


def test_client_has_each_operation_of_the_document(library: Library) -> None:
    paths = json.loads(DOCUMENT.read_text())["paths"].values()

    assert len(library.operations) == sum(map(len, paths))


def test_package_is_typed(wheel: Path) -> None:
    assert (wheel / PACKAGE / "py.typed").is_file()


def test_client_registers_and_signs_in_person(library: Library, ada: Any, email: str) -> None:
    assert library.get_me.sync(client=ada).email == email


def test_client_uploads_pictures_both_ways_and_finds_them(library: Library, ada: Any) -> None:
    small = upload(library, ada, scene(stop_signs=2, clocks=1))
    data = scene(stop_signs=1)
    request = library.models.UploadRequest(name="a.png", type_="image/png", size=len(data))
    offer = library.create_upload.sync(client=ada, body=request)
    fields = offer.form.fields.to_dict()
    httpx.post(offer.form.url, data=fields, files={"file": data}, trust_env=False).raise_for_status()
    large = get_processed(library, ada, offer.id)

    matches = library.search.sync(client=ada, q="stop sign").images
    narrower_matches = library.search_by_tags.sync(
        client=ada, body=library.models.TagSearchRequest([library.models.TagMinimum("stop sign", 2)])
    ).images

    assert [image.id for image in matches] == [large.id, small.id]
    assert [image.id for image in narrower_matches] == [small.id]


def test_client_edits_tags(library: Library, ada: Any) -> None:
    image = upload(library, ada, scene(stop_signs=2))
    models = library.models

    edit = models.TagEditRequest(
        add=[models.TagAddition("dog")],
        remove=[models.TagRemoval("stop sign", 1)],
        images=models.ImageSelection(ids=[image.id]),
    )
    response = library.edit_tags.sync(client=ada, body=edit)

    assert [(outcome.image, outcome.result.value) for outcome in response.outcomes] == [(image.id, "changed")]
    tags = {tag.tag: tag.images for tag in library.list_tags.sync(client=ada).tags}
    assert tags == {"dog": 1, "stop sign": 1}
    assert library.search.sync(client=ada, q="stop sign=1, dog").images[0].id == image.id


def test_client_exports_coco_and_csv(library: Library, ada: Any) -> None:
    image = upload(library, ada, scene(stop_signs=2))

    coco = library.export_coco.sync(client=ada)
    _, row = library.export_csv.sync(client=ada).splitlines()

    assert [entry.pixtag_id for entry in coco.images] == [image.id]
    assert row.startswith(f"{image.id},street.png,")


def test_client_downloads_original_and_needs_a_ready_image(library: Library, ada: Any) -> None:
    data = scene(clocks=1)
    image = upload(library, ada, data)

    original = library.get_original.sync(image.id, client=ada)
    library.trash_image.sync(image.id, client=ada)
    problem = library.get_original.sync(image.id, client=ada)

    assert original.payload.read() == data
    assert problem.status == 409


def test_client_creates_and_deletes_subscription(library: Library, ada: Any) -> None:
    subscription = library.subscribe.sync(client=ada, body=library.models.SubscriptionRequest("dog>=2"))

    subscriptions_before = library.list_subscriptions.sync(client=ada).subscriptions
    library.unsubscribe.sync(subscription.id, client=ada)
    subscriptions_after = library.list_subscriptions.sync(client=ada).subscriptions

    assert [each.id for each in subscriptions_before] == [subscription.id]
    assert subscriptions_after == []


def test_client_trashes_restores_and_purges_image(library: Library, ada: Any) -> None:
    image_id = upload(library, ada, scene(clocks=1)).id
    request = library.models.BulkRequest(library.models.ImageSelection(ids=[image_id]))

    states = []
    for operation in (
        partial(library.trash_image.sync, image_id),
        partial(library.restore_images.sync, body=request),
        partial(library.trash_images.sync, body=request),
        partial(library.purge_images.sync, body=request),
    ):
        operation(client=ada)
        states.append(getattr(library.get_image.sync(image_id, client=ada), "state", "gone"))

    assert states == ["trashed", "ready", "trashed", "gone"]


def test_client_with_invalid_query_returns_problem_with_position(library: Library, ada: Any) -> None:
    problem = library.search.sync(client=ada, q="dog>=")

    assert isinstance(problem, library.models.Problem)
    assert (problem.status, problem.position) == (422, 5)
