"""Fifty writers on one image at once, on the laptop's cloud: one wins, the others are told, and nothing is lost."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from threading import Barrier
from typing import TYPE_CHECKING, Any

import pytest
from botocore.config import Config

from app.adapters.aws.bucket import Bucket
from app.adapters.aws.table import Table, TagTotal
from app.domain.edits import TagChange
from app.domain.errors import ImageChanged, VersionOutdated
from app.domain.images import Image, ImageState
from app.services.library import Library
from infra.local.cloud import LocalCloud
from infra.local.emulator import session
from tests.robustness.torture import cases
from tests.support.aws import credentials
from tests.support.fakes import image
from tests.support.sampling import rounds

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

WRITERS = 50


@pytest.fixture(scope="module")
def client(cloud: LocalCloud) -> "DynamoDBClient":
    config = Config(max_pool_connections=WRITERS)
    return session().client("dynamodb", endpoint_url=cloud.endpoint_url, config=config)


@pytest.fixture
def table(client: "DynamoDBClient", cloud: LocalCloud) -> Table:
    return Table(client, cloud.environment["PIXTAG_TABLE"])


@pytest.fixture
def library(table: Table, cloud: LocalCloud) -> Library:
    s3 = session().client("s3", endpoint_url=cloud.endpoint_url, config=Config(signature_version="s3v4"))
    return Library(table, Bucket(s3, cloud.environment["PIXTAG_BUCKET"], credentials()))


@pytest.fixture
def all_at_once() -> Iterator[Callable[[Callable[[int], Any]], list[Any]]]:
    """Lets fifty do a thing at the same moment, and gives what came of it, errors among them."""
    moment = Barrier(WRITERS)

    def run(act: Callable[[int], Any], number: int) -> Any:
        moment.wait()
        try:
            return act(number)
        except (ImageChanged, VersionOutdated) as error:
            return type(error)

    with ThreadPoolExecutor(WRITERS) as pool:
        yield lambda act: list(pool.map(lambda number: run(act, number), range(WRITERS)))


AllAtOnce = Callable[[Callable[[int], Any]], list[Any]]


def overwrite(table: Table, before: Image, number: int) -> Image:
    return table.save(replace(before, name=f"{number}.jpg"), before)


def delete(library: Library, begun: Image, _: int) -> bool:
    return library.trash(begun.owner, begun.id, version=begun.version)


@pytest.mark.timeout(0)
def test_of_fifty_who_read_the_same_one_writes(table: Table, owner: str, all_at_once: AllAtOnce) -> None:
    now = table.save(image(owner, dog=1))

    for _ in range(rounds(3, 200)):
        cases.append(1)
        before = now
        written = all_at_once(partial(overwrite, table, before))

        now = table.get_image(owner, before.id)
        assert [one for one in written if isinstance(one, Image)] == [now]
        assert written.count(ImageChanged) == WRITERS - 1
        assert now.version == before.version + 1


@pytest.mark.timeout(0)
def test_every_tag_that_was_said_to_be_added_is_there(
    library: Library, table: Table, owner: str, all_at_once: AllAtOnce
) -> None:
    begun = table.save(image(owner, boat=1))
    added = 0

    for _ in range(rounds(1, 10)):
        cases.append(1)
        answers = all_at_once(lambda _: library.retag(owner, begun.id, [TagChange("dog", 1)]))

        added += answers.count(True)
        now = table.get_image(owner, begun.id)
        assert {*answers} <= {True, ImageChanged}
        assert now.version == begun.version + added
        assert now.tags == {"boat": 1, "dog": added}
        assert table.count_tag(owner, "dog") == TagTotal("dog", 1, added)


@pytest.mark.timeout(0)
def test_of_fifty_who_mean_this_very_version_one_deletes(
    library: Library, table: Table, owner: str, all_at_once: AllAtOnce
) -> None:
    for _ in range(rounds(1, 50)):
        cases.append(1)
        begun = table.save(image(owner, dog=1))
        answers = all_at_once(partial(delete, library, begun))

        assert (answers.count(True), answers.count(VersionOutdated)) == (1, WRITERS - 1)
        assert table.get_image(owner, begun.id).state is ImageState.TRASHED
        assert table.count_tag(owner, "dog").images == 0
