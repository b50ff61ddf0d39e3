"""The store against a plain dict: whatever is done to a library, search finds what the words say."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule
from moto import mock_aws

from app.bucket import Bucket, Upload
from app.catalog import Catalog
from app.errors import ImageChanged, ImageNotFound
from app.images import KEPT, Change, Image, State, corrected, tombstone
from app.query import Query, matches
from app.table import Table, TagCount
from tests.conftest import BUCKET_NAME, TABLE_NAME, FakeDetector, dynamodb_client, make_table, s3_client
from tests.invariants import check_invariants, left_of
from tests.property.test_query import clauses

PHOTOS = [cv2.imencode(".png", np.full((8, 8, 3), shade, np.uint8))[1].tobytes() for shade in range(4)]
OWNERS = ("00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002")
TAGS = ("dog", "cat", "person")

tags = st.dictionaries(st.sampled_from(TAGS), st.integers(1, 3))
owners = st.sampled_from(OWNERS)
queries = st.builds(Query, clauses, untagged=st.booleans())


class Library(RuleBasedStateMachine):
    """Two people's libraries in the store and, as `known`, in a dict of what the store should hold."""

    images: Bundle[tuple[str, str]] = Bundle("images")

    def __init__(self) -> None:
        super().__init__()
        self.aws = mock_aws()
        self.aws.start()
        self.dynamodb = dynamodb_client()
        self.s3 = s3_client()
        make_table(self.dynamodb)
        self.s3.create_bucket(Bucket=BUCKET_NAME)
        self.table = Table(self.dynamodb, TABLE_NAME, backoff_seconds=0)
        self.detector = FakeDetector()
        self.catalog = Catalog(self.table, Bucket(self.s3, BUCKET_NAME), lambda: self.detector)
        self.known: dict[tuple[str, str], Image] = {}
        self.sent: dict[tuple[str, str], bytes] = {}

    def teardown(self) -> None:
        self.aws.stop()

    @rule(target=images, owner=owners)
    def offer(self, owner: str) -> tuple[str, str]:
        image, _ = self.catalog.offer(owner, name="a.png", media_type="image/png", size=1)
        self.known[owner, image.id] = image
        return owner, image.id

    @rule(target=images, owner=owners, data=st.sampled_from([*PHOTOS, b"no photograph"]))
    def upload(self, owner: str, data: bytes) -> tuple[str, str]:
        image = self.catalog.receive(owner, Upload(data, "image/png", "a.png"), most=10_000)
        self.known[owner, image.id] = image
        self.sent[owner, image.id] = data
        return owner, image.id

    @rule(key=images, sees=tags)
    def ingest(self, key: tuple[str, str], sees: dict[str, int]) -> None:
        self.detector.sees = sees

        now = self.catalog.ingest(*key)

        assert now
        before = self.known[key]
        twin = self.twin(key)
        if before.state is not State.PENDING or key not in self.sent:
            assert now == before
        elif twin:
            assert (now.state, now.duplicate_of) == (State.GONE, twin.id)
            self.known[twin.owner, twin.id] = self.table.get_image(twin.owner, twin.id)
            assert self.known[twin.owner, twin.id] == replace(
                twin, state=State.READY, trashed_at=None, version=twin.version + (twin.state is State.TRASHED)
            )
        elif self.sent[key] in PHOTOS:
            assert (now.state, now.tags) == (State.READY, corrected(sees, before.edits))
        else:
            assert now.state is State.FAILED
        self.known[key] = now

    def now(self, key: tuple[str, str]) -> Image:
        """The image as the table has it."""
        image = self.table.find_image(*key)
        assert image
        return image

    def twin(self, key: tuple[str, str]) -> Image | None:
        """The owner's other image of the same bytes that is kept."""
        return next(
            (
                image
                for other, image in self.known.items()
                if other != key
                and other[0] == key[0]
                and image.state in KEPT
                and self.sent.get(other) == self.sent.get(key)
            ),
            None,
        )

    @rule(key=images, tag=st.sampled_from(TAGS), count=st.none() | st.integers(1, 3), removes=st.booleans())
    def retag(self, key: tuple[str, str], tag: str, count: int | None, removes: bool) -> None:  # noqa: FBT001
        before = self.known[key]
        change = Change(tag, count, removes)
        if before.state is not State.READY:
            return

        changed = self.catalog.retag(*key, [change])

        now = self.known[key] = self.now(key)
        assert changed is (now != before)
        assert now.tags.get(tag, 0) == change.applied(before.tags.get(tag, 0))
        assert {**now.tags, tag: 0} == {**before.tags, tag: 0}

    @rule(key=images)
    def trash(self, key: tuple[str, str]) -> None:
        before = self.known[key]
        if before.duplicate_of:
            return
        if before.state is State.GONE:
            with pytest.raises(ImageNotFound):
                self.catalog.trash(*key)
            return

        assert self.catalog.trash(*key) is (before.state is not State.TRASHED)

        now = self.known[key] = self.now(key)
        assert now.state is (State.TRASHED if before.state in KEPT else State.GONE)

    @rule(key=images)
    def restore(self, key: tuple[str, str]) -> None:
        before = self.known[key]
        if before.state in KEPT:
            assert self.catalog.restore(*key) is (before.state is State.TRASHED)

            self.known[key] = self.now(key)
            assert self.known[key].state is State.READY

    @rule(key=images)
    def purge(self, key: tuple[str, str]) -> None:
        before = self.known[key]
        if before.state is State.TRASHED:
            self.catalog.purge(*key)

            self.known[key] = self.now(key)
            assert self.known[key] == replace(tombstone(before), version=before.version + 1)

    @rule(owner=owners)
    def forget(self, owner: str) -> None:
        while self.catalog.forget(owner, 2) or self.table.wipe(owner, 2):
            pass

        for key, before in self.known.items():
            if key[0] == owner and before.state is not State.GONE:
                self.known[key] = replace(tombstone(before), version=before.version + 1)
        assert left_of(owner, self.dynamodb, TABLE_NAME, self.s3, BUCKET_NAME) == []

    @rule(key=images)
    def save_what_is_outdated(self, key: tuple[str, str]) -> None:
        outdated = replace(self.known[key], version=self.known[key].version + 1)

        with pytest.raises(ImageChanged):
            self.table.save(outdated, outdated)

    @rule(owner=owners, query=queries, limit=st.integers(1, 5))
    def search(self, owner: str, query: Query, limit: int) -> None:
        found: list[str] = []
        cursor = None
        while True:
            page = self.table.search(owner, query, limit, cursor)
            found += [card.id for card in page.cards]
            cursor = page.cursor
            if cursor is None:
                break

        assert found == sorted(
            (
                image_id
                for (whose, image_id), image in self.known.items()
                if whose == owner and image.state is State.READY and matches(image.tags, image_id, query)
            ),
            reverse=True,
        )

    @rule(owner=owners)
    def count(self, owner: str) -> None:
        ready = [image for (whose, _), image in self.known.items() if whose == owner and image.state is State.READY]

        assert {total.tag: total for total in self.table.count_tags(owner)} == {
            tag: TagCount(
                tag, sum(tag in image.tags for image in ready), sum(image.tags.get(tag, 0) for image in ready)
            )
            for tag in TAGS
            if any(tag in image.tags for image in ready)
        }

    @invariant()
    def holds(self) -> None:
        check_invariants(self.dynamodb, TABLE_NAME, self.s3, BUCKET_NAME)


Library.TestCase.settings = settings(max_examples=10, stateful_step_count=30)
TestLibrary = Library.TestCase
