"""Fifty concurrent writers on one image: one succeeds, the others get an error, nothing is lost."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Barrier
from typing import TYPE_CHECKING, Any

import pytest
from botocore.config import Config

from app.adapters.aws.images import DynamoImages
from app.adapters.aws.objects import S3Objects
from app.adapters.aws.preferences import DynamoPreferences
from app.domain.edits import TagChange
from app.domain.errors import ImageChanged, Unavailable, VersionOutdated
from app.domain.images import Image, ImageState
from app.domain.ports import Images
from app.domain.tags import TagTotal
from app.domain.versions import VersionCondition
from app.services.bulk_library import BulkLibrary
from app.services.library import Library
from infra.local.emulator import session
from tests.bench.counters import Conflicts
from tests.robustness.torture import cases
from tests.support.aws import credentials
from tests.support.fakes import FakeDetector, image
from tests.support.sampling import rounds
from tests.support.services import connect_local

if TYPE_CHECKING:
    from infra.local.cloud import LocalCloud

WRITERS = 50
REQUESTS = 3  # at the same time; each image is changed on its own if another request was faster


@pytest.fixture(params=["emulator", "local"])
def library(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Library]:
    if request.param == "local":
        with connect_local(tmp_path, FakeDetector) as services:
            yield services.library
        return
    cloud: LocalCloud = request.getfixturevalue("cloud")
    config = Config(max_pool_connections=WRITERS, signature_version="s3v4")
    dynamodb = session().client("dynamodb", endpoint_url=cloud.endpoint_url, config=config)
    s3 = session().client("s3", endpoint_url=cloud.endpoint_url, config=config)
    yield Library(
        DynamoImages(dynamodb, cloud.environment["PIXTAG_TABLE"]),
        S3Objects(s3, cloud.environment["PIXTAG_BUCKET"], credentials()),
        DynamoPreferences(dynamodb, cloud.environment["PIXTAG_TABLE"]),
    )


def reject_conflicts(library: Library) -> Conflicts | None:
    """Reject transactions on AWS as DynamoDB does, but emulators do not."""
    images = library._images  # noqa: SLF001 - the store of the library
    return Conflicts(images._client.meta.events, 0) if isinstance(images, DynamoImages) else None  # noqa: SLF001


@pytest.fixture
def images(library: Library) -> Images:
    return library._images  # noqa: SLF001 - the store of the library


@pytest.fixture
def run_concurrently() -> Iterator[Callable[[Callable[[int], Any]], list[Any]]]:
    """Yield a function that calls an action in fifty threads at the same time, and returns the results and errors."""
    barrier = Barrier(WRITERS)

    def run(act: Callable[[int], Any], number: int) -> Any:
        barrier.wait()
        try:
            return act(number)
        except (ImageChanged, VersionOutdated) as error:
            return type(error)

    with ThreadPoolExecutor(WRITERS) as pool:
        yield lambda act: list(pool.map(lambda number: run(act, number), range(WRITERS)))


RunConcurrently = Callable[[Callable[[int], Any]], list[Any]]


def overwrite(images: Images, before: Image, number: int) -> Image:
    return images.save(replace(before, name=f"{number}.jpg"), before)


def delete(library: Library, image: Image, _: int) -> bool:
    return library.trash(image.owner, image.id, version=VersionCondition({image.version}))


@pytest.mark.timeout(0)
def test_save_by_fifty_readers_of_one_version_succeeds_once(
    images: Images, owner: str, run_concurrently: RunConcurrently
) -> None:
    current = images.save(image(owner, dog=1))

    for _ in range(rounds(3, 200)):
        cases.append(1)
        before = current
        results = run_concurrently(partial(overwrite, images, before))

        current = images.get_image(owner, before.id)
        assert [result for result in results if isinstance(result, Image)] == [current]
        assert results.count(ImageChanged) == WRITERS - 1
        assert current.version == before.version + 1


@pytest.mark.timeout(0)
def test_retag_by_fifty_writers_keeps_every_reported_change(
    library: Library, images: Images, owner: str, run_concurrently: RunConcurrently
) -> None:
    saved = images.save(image(owner, boat=1))
    added = 0

    for _ in range(rounds(1, 10)):
        cases.append(1)
        results = run_concurrently(lambda _: library.retag(owner, saved.id, [TagChange("dog", 1)]))

        added += results.count(True)
        current = images.get_image(owner, saved.id)
        assert {*results} <= {True, ImageChanged}
        assert current.version == saved.version + added
        assert current.tags == {"boat": 1, "dog": added}
        assert images.count_tag(owner, "dog") == TagTotal("dog", 1, added)


@pytest.mark.timeout(0)
def test_trash_of_one_version_by_fifty_writers_succeeds_once(
    library: Library, images: Images, owner: str, run_concurrently: RunConcurrently
) -> None:
    for _ in range(rounds(1, 50)):
        cases.append(1)
        saved = images.save(image(owner, dog=1))
        results = run_concurrently(partial(delete, library, saved))

        assert (results.count(True), results.count(VersionOutdated)) == (1, WRITERS - 1)
        assert images.get_image(owner, saved.id).state is ImageState.TRASHED
        assert images.count_tag(owner, "dog").images == 0


def retag_all(library: Library, owner: str, ids: list[str]) -> int:
    """Add two tags to many images in one request. Return the number of changed images."""
    bulk = BulkLibrary(library._images, library._objects, library._preferences, owner, ids)  # noqa: SLF001
    changed = 0
    for image_id in ids:
        with suppress(ImageChanged, Unavailable):
            changed += bulk.retag(owner, image_id, [TagChange("dog", 1), TagChange("kyoto", 1)])
    return changed


@pytest.mark.timeout(0)
def test_changes_of_many_images_by_concurrent_requests_keep_every_reported_change(
    library: Library, images: Images, owner: str
) -> None:
    conflicts = reject_conflicts(library)
    ids = [images.save(image(owner, dog=1)).id for _ in range(rounds(10, 100))]

    with ThreadPoolExecutor(REQUESTS) as pool:
        changed = sum(pool.map(lambda _: retag_all(library, owner, ids), range(REQUESTS)))

    cases.append(1)
    found = images.find_images(owner, ids)
    assert changed == sum(each.tags["kyoto"] for each in found)
    assert changed == images.count_tag(owner, "kyoto").objects == images.count_tag(owner, "dog").objects - len(ids)
    assert conflicts is None or conflicts.rejected
