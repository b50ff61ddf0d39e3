"""The store against a plain dict: whatever is done to a library, search finds what the words say."""

from dataclasses import replace
from datetime import UTC, datetime

import boto3
import cv2
import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule
from moto import mock_aws

from app.bucket import Bucket, Upload
from app.catalog import Catalog
from app.errors import ImageChanged
from app.images import Edit, Image, State, corrected
from app.query import Query, matches
from app.table import Table, TagCount
from tests.conftest import BUCKET_NAME, TABLE_NAME, FakeDetector, make_table
from tests.invariants import check_invariants
from tests.property.test_query import clauses

PHOTO = cv2.imencode(".png", np.zeros((8, 8, 3), np.uint8))[1].tobytes()
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
        self.dynamodb = boto3.client("dynamodb", region_name="us-east-1")
        self.s3 = boto3.client("s3", region_name="us-east-1")
        make_table(self.dynamodb)
        self.s3.create_bucket(Bucket=BUCKET_NAME)
        self.table = Table(self.dynamodb, TABLE_NAME, backoff_seconds=0)
        self.detector = FakeDetector()
        self.catalog = Catalog(self.table, Bucket(self.s3, BUCKET_NAME), lambda: self.detector)
        self.known: dict[tuple[str, str], Image] = {}

    def teardown(self) -> None:
        self.aws.stop()

    @rule(target=images, owner=owners)
    def offer(self, owner: str) -> tuple[str, str]:
        image, _ = self.catalog.offer(owner, name="a.png", media_type="image/png", size=len(PHOTO))
        self.known[owner, image.id] = image
        return owner, image.id

    @rule(target=images, owner=owners, data=st.sampled_from([PHOTO, PHOTO, PHOTO, b"no photograph"]))
    def upload(self, owner: str, data: bytes) -> tuple[str, str]:
        image = self.catalog.receive(owner, Upload(data, "image/png", "a.png"), most=10_000)
        self.known[owner, image.id] = image
        return owner, image.id

    @rule(key=images, sees=tags)
    def ingest(self, key: tuple[str, str], sees: dict[str, int]) -> None:
        self.detector.sees = sees

        now = self.catalog.ingest(*key)

        assert now
        before = self.known[key]
        if before.state is not State.PENDING:
            assert now == before
        elif now.state is State.READY:
            assert now.tags == corrected(sees, before.edits)
        self.known[key] = now

    @rule(key=images, edited=st.dictionaries(st.sampled_from(TAGS), st.integers(0, 3)))
    def edit(self, key: tuple[str, str], edited: dict[str, int]) -> None:
        moment = datetime(2026, 11, 22, tzinfo=UTC)
        edits = {tag: Edit(count, moment) for tag, count in edited.items()}
        before = self.known[key]
        self.known[key] = self.table.save(replace(before, edits={**before.edits, **edits}), before)

    @rule(key=images, state=st.sampled_from([State.READY, State.TRASHED]))
    def trash_or_restore(self, key: tuple[str, str], state: State) -> None:
        before = self.known[key]
        if before.state in {State.READY, State.TRASHED}:
            self.known[key] = self.table.save(replace(before, state=state), before)

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


Library.TestCase.settings = settings(max_examples=20, stateful_step_count=30)
TestLibrary = Library.TestCase
