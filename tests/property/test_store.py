"""The stores against a model in memory: after any operations, the library, searches and e-mails are as expected."""

import hashlib
import json
import re
import time
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime

import cv2
import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from app.adapters.aws import outbox as outbox_module
from app.adapters.aws.bucket import Upload
from app.adapters.aws.table import TagTotal
from app.domain.edits import TagChange, relabel
from app.domain.errors import ImageChanged, ImageNotFound, InvalidState, SubscriptionNotFound, VersionOutdated
from app.domain.images import STORED, Image, ImageState, RequestId, make_tombstone
from app.domain.query import Query, matches
from app.domain.tags import Tags, apply_edits, tally_tags
from app.services import notifications as notifications_module
from app.services import outbox_worker as outbox_worker_module
from tests.property.test_query import clauses
from tests.support.aws import BUCKET_NAME, TABLE_NAME, mails, make_resources, mock_aws, sqs_client
from tests.support.fakes import Clock, FakeDetector
from tests.support.invariants import check_invariants, list_leftovers
from tests.support.sampling import TORTURE, rounds
from tests.support.services import connect
from tests.support.tokens import SETTINGS

PHOTOS = [cv2.imencode(".png", np.full((8, 8, 3), shade, np.uint8))[1].tobytes() for shade in range(4)]
OWNERS = ("00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002")
TAGS = ("dog", "cat", "person")
MAX_COUNT_TO_ADD = 900
OVER_AN_HOUR_SECONDS = 4000

tags = st.dictionaries(st.sampled_from(TAGS), st.integers(1, 3))
owners = st.sampled_from(OWNERS)
queries = st.builds(Query, clauses, untagged=st.booleans())


class LibraryMachine(RuleBasedStateMachine):
    """The libraries of two owners in the stores, and their expected contents.

    Attributes:
        expected: The expected images, by owner and id.
        uploads: The uploaded bytes of the images.
        queries: The queries of each owner's subscriptions, by subscription id.
        unannounced: The changes of each owner that are not announced yet: image id, tags before and tags after.
        requests: The requests that have changed each image.
    """

    images: Bundle[tuple[str, str]] = Bundle("images")

    def __init__(self) -> None:
        super().__init__()
        self.aws = mock_aws()
        self.aws.start()
        make_resources()
        self.sqs = sqs_client()
        self.detector = FakeDetector()
        services = connect(lambda: self.detector)
        self.table, self.library, self.ingest = services.table, services.library, services.ingest
        self.subscriptions, self.redetections = services.subscriptions, services.redetections
        self.outbox_worker = services.outbox_worker
        self.clock = Clock()
        self.set_time(self.clock)
        self.expected: dict[tuple[str, str], Image] = {}
        self.uploads: dict[tuple[str, str], bytes] = {}
        self.queries: dict[str, dict[str, Query]] = {owner: {} for owner in OWNERS}
        self.unannounced: dict[str, list[tuple[str, Tags | None, Tags]]] = defaultdict(list)
        self.requests: dict[tuple[str, str], set[RequestId]] = defaultdict(set)
        for owner in OWNERS:
            services.topics.subscribe(owner, f"{owner}@example.com")

    def teardown(self) -> None:
        self.set_time(time)
        self.aws.stop()

    @staticmethod
    def set_time(clock: object) -> None:
        for module in (outbox_module, notifications_module, outbox_worker_module):
            vars(module)["time"] = clock

    def learn(self, key: tuple[str, str], now: Image | None = None) -> Image:
        """Replace the expected image with the one from the table, and record the change for the announcement."""
        before, now = self.expected.get(key), now or self.read_image(key)
        tags_before = before.tags if before and before.state in STORED else None
        if now.state is ImageState.READY and now.tags != tags_before:
            self.unannounced[key[0]].append((key[1], tags_before, now.tags))
        self.expected[key] = now
        return now

    @rule(target=images, owner=owners)
    def offer(self, owner: str) -> tuple[str, str]:
        image, _ = self.ingest.offer(owner, name="a.png", media_type="image/png", size=1)
        self.expected[owner, image.id] = image
        return owner, image.id

    @rule(target=images, owner=owners, data=st.sampled_from([*PHOTOS, b"not a photo"]))
    def upload(self, owner: str, data: bytes) -> tuple[str, str]:
        image = self.ingest.receive(owner, Upload(data, "image/png", "a.png"), max_bytes=10_000)
        self.expected[owner, image.id] = image
        self.uploads[owner, image.id] = data
        return owner, image.id

    @rule(key=images, sees=tags)
    def deliver(self, key: tuple[str, str], sees: dict[str, int]) -> None:
        self.detector.sees = sees

        now = self.ingest.ingest(*key)

        assert now
        before = self.expected[key]
        twin = self.find_twin(key)
        if before.state is not ImageState.PENDING or key not in self.uploads:
            assert now == before
        elif twin:
            assert (now.state, now.duplicate_of) == (ImageState.GONE, twin.id)
            assert self.learn((twin.owner, twin.id)) == replace(
                twin, state=ImageState.READY, trashed_at=None, version=twin.version + (twin.state is ImageState.TRASHED)
            )
        elif self.uploads[key] in PHOTOS:
            assert (now.state, now.tags) == (ImageState.READY, apply_edits(sees, before.edits))
        else:
            assert now.state is ImageState.FAILED
        self.learn(key, now)

    def read_image(self, key: tuple[str, str]) -> Image:
        """Return the image from the table."""
        image = self.table.find_image(*key)
        assert image
        return image

    def find_twin(self, key: tuple[str, str]) -> Image | None:
        """Return the owner's other stored image with the same bytes, or None."""
        return next(
            (
                image
                for other, image in self.expected.items()
                if other != key
                and other[0] == key[0]
                and image.state in STORED
                and self.uploads.get(other) == self.uploads.get(key)
            ),
            None,
        )

    @rule(key=images, tag=st.sampled_from(TAGS), count=st.none() | st.integers(1, 3), removes=st.booleans())
    def retag(self, key: tuple[str, str], tag: str, count: int | None, removes: bool) -> None:  # noqa: FBT001
        before = self.expected[key]
        change = TagChange(tag, count, removes)
        if before.state is not ImageState.READY:
            return

        changed = self.library.retag(*key, [change])

        now = self.learn(key)
        assert changed is (now != before)
        assert now.tags.get(tag, 0) == change.apply(before.tags.get(tag, 0))
        assert {**now.tags, tag: 0} == {**before.tags, tag: 0}

    @rule(key=images, request=st.builds(RequestId, st.sampled_from("ab"), st.just("body")), tag=st.sampled_from(TAGS))
    def retag_once(self, key: tuple[str, str], request: RequestId, tag: str) -> None:
        before = self.expected[key]
        if before.state is not ImageState.READY or before.tags.get(tag, 0) > MAX_COUNT_TO_ADD:
            return

        assert self.library.retag(*key, [TagChange(tag, 1)], request)

        is_repeated = request in self.requests[key]
        self.requests[key].add(request)
        assert self.learn(key).tags.get(tag, 0) == before.tags.get(tag, 0) + (not is_repeated)

    @rule(key=images, old=st.sampled_from(TAGS), new=st.sampled_from(TAGS))
    def rename(self, key: tuple[str, str], old: str, new: str) -> None:
        before = self.expected[key]
        if before.state is not ImageState.READY:
            return

        self.library.rename_tag(*key, old, new)

        counts = {tag: before.tags.get(tag, 0) for tag in TAGS}
        moved = counts.pop(old)
        counts = {**counts, new: counts.get(new, 0) + moved} if moved else counts
        assert self.learn(key).tags == {tag: count for tag, count in counts.items() if count}

    @rule(key=images, number=st.integers(0, 8), label=st.none() | st.sampled_from(TAGS), outdated=st.booleans())
    def relabel(self, key: tuple[str, str], number: int, label: str | None, outdated: bool) -> None:  # noqa: FBT001
        before = self.expected[key]
        if before.state is not ImageState.READY or not before.corrected_detections:
            return
        number %= len(before.corrected_detections)
        detection = before.corrected_detections[number]
        if outdated:
            with pytest.raises(VersionOutdated):
                self.library.relabel(*key, detection.id, label, version=before.version + 1)
            return

        self.library.relabel(*key, detection.id, label, version=before.version)

        now = self.learn(key)
        changed = label != detection.label
        assert now.version == before.version + changed
        assert now.tags == relabel(before, detection.id, label, datetime.now(UTC)).tags
        assert sum(each.visible is not None for each in now.corrected_detections) == sum(
            (label if place == number else each.label) is not None
            for place, each in enumerate(before.corrected_detections)
        )

    @rule(key=images, sees=tags)
    def redetect(self, key: tuple[str, str], sees: dict[str, int]) -> None:
        before = self.expected[key]
        if before.state is ImageState.FAILED or before.duplicate_of:
            return
        self.detector.sees = sees
        if before.state is ImageState.READY:
            self.ingest.redetect(*key)
            self.check_redetected(key)
        else:
            with pytest.raises((InvalidState, ImageNotFound)):
                self.ingest.redetect(*key)

    def check_redetected(self, key: tuple[str, str]) -> None:
        """Assert that the image has the detector's current detections, with its edits and corrections applied."""
        before, now = self.expected[key], self.learn(key)
        assert (now.edits, now.corrections) == (before.edits, before.corrections)
        assert tally_tags(now.detections) == self.detector.sees
        assert now.tags == apply_edits(tally_tags(now.visible_detections), before.edits)

    @rule(owner=owners)
    def redetect_library(self, owner: str) -> None:
        running = self.redetections.start(owner)

        assert self.redetections.get(owner) == running

    @rule(sees=tags)
    def process_queue(self, sees: dict[str, int]) -> None:
        self.detector.sees = sees
        while messages := self.sqs.receive_message(QueueUrl=SETTINGS.queue_url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                job = json.loads(message["Body"])["redetect"]
                owner, key = job["owner"], (job["owner"], job["image"])
                if self.expected[key].state is ImageState.READY:
                    done = self.redetections.get(owner).done
                    self.ingest.redetect(*key, redetection=job["redetection"])
                    self.check_redetected(key)
                    assert self.redetections.get(owner).done == done + 1
                else:
                    self.redetections.record_done(owner, job["redetection"])

    @rule(owner=owners, data=st.sampled_from(PHOTOS))
    def find_known_photo(self, owner: str, data: bytes) -> None:
        image = self.ingest.find_known(owner, hashlib.sha256(data).hexdigest())

        expected: set[str | None] = {
            image_id
            for (other, image_id), each in self.expected.items()
            if other == owner and each.state in STORED and self.uploads.get((other, image_id)) == data
        }
        assert {image.id if image else None} == (expected or {None})
        if image:
            assert self.learn((owner, image.id)).state is ImageState.READY

    @rule(owner=owners, query=queries.filter(str))  # an empty query cannot be subscribed to
    def subscribe(self, owner: str, query: Query) -> None:
        subscription = self.subscriptions.add(owner, query)
        self.queries[owner][subscription.id] = query

    @rule(owner=owners, number=st.integers(0, 3))
    def unsubscribe(self, owner: str, number: int) -> None:
        ids = [subscription.id for subscription in self.subscriptions.list(owner)]
        assert set(ids) == set(self.queries[owner])
        if number < len(ids):
            self.subscriptions.remove(owner, ids[number])
            del self.queries[owner][ids[number]]
        else:
            with pytest.raises(SubscriptionNotFound):
                self.subscriptions.remove(owner, "0" * 26)

    @rule(owner=owners)
    def announce(self, owner: str) -> None:
        """After an hour, one e-mail announces exactly the ready images that match a query and did not match before."""
        news, postponed = set(), []
        for change in self.unannounced.pop(owner, []):
            image_id, tags_before, tags_after = change
            queries = self.queries[owner].values()
            matching = [query for query in queries if matches(tags_after, image_id, query)]
            if any(tags_before is None or not matches(tags_before, image_id, query) for query in matching):
                state = self.expected[owner, image_id].state
                news |= {image_id} if state is ImageState.READY else set()
                postponed += [change] if state is ImageState.TRASHED else []
        self.unannounced[owner] = postponed
        mail_count = len(mails(owner))
        self.clock.ahead += OVER_AN_HOUR_SECONDS

        self.outbox_worker.process(owner)

        new_mails = mails(owner)[mail_count:]
        assert len(new_mails) == bool(news)
        assert {image_id for _, body in new_mails for image_id in re.findall(r"photos/(\w+)", body)} == news

    @rule(key=images)
    def trash(self, key: tuple[str, str]) -> None:
        before = self.expected[key]
        if before.duplicate_of:
            return
        if before.state is ImageState.GONE:
            with pytest.raises(ImageNotFound):
                self.library.trash(*key)
            return

        assert self.library.trash(*key) is (before.state is not ImageState.TRASHED)

        now = self.learn(key)
        assert now.state is (ImageState.TRASHED if before.state in STORED else ImageState.GONE)

    @rule(key=images)
    def restore(self, key: tuple[str, str]) -> None:
        before = self.expected[key]
        if before.state in STORED:
            assert self.library.restore(*key) is (before.state is ImageState.TRASHED)

            assert self.learn(key).state is ImageState.READY

    @rule(key=images)
    def purge(self, key: tuple[str, str]) -> None:
        before = self.expected[key]
        if before.state is ImageState.TRASHED:
            self.library.purge(*key)

            assert self.learn(key) == replace(make_tombstone(before), version=before.version + 1)

    @rule(owner=owners)
    def delete_account(self, owner: str) -> None:
        while self.library.delete_images(owner, 2) or self.table.delete_rows(owner, 2):
            pass

        for key, before in self.expected.items():
            if key[0] == owner and before.state is not ImageState.GONE:
                self.expected[key] = replace(make_tombstone(before), version=before.version + 1)
        self.queries[owner], self.unannounced[owner] = {}, []
        assert list_leftovers(owner, TABLE_NAME, BUCKET_NAME) == []

    @rule(key=images)
    def save_outdated_image(self, key: tuple[str, str]) -> None:
        outdated = replace(self.expected[key], version=self.expected[key].version + 1)

        with pytest.raises(ImageChanged):
            self.table.save(outdated, outdated)

    @rule(owner=owners, query=queries, limit=st.integers(1, 5))
    def search(self, owner: str, query: Query, limit: int) -> None:
        ids: list[str] = []
        cursor = None
        while True:
            page = self.table.search(owner, query, limit, cursor)
            ids += [summary.id for summary in page.images]
            cursor = page.cursor
            if cursor is None:
                break

        assert ids == sorted(
            (
                image_id
                for (other, image_id), image in self.expected.items()
                if other == owner and image.state is ImageState.READY and matches(image.tags, image_id, query)
            ),
            reverse=True,
        )

    @rule(owner=owners)
    def count(self, owner: str) -> None:
        ready = [
            image for (other, _), image in self.expected.items() if other == owner and image.state is ImageState.READY
        ]

        assert {total.tag: total for total in self.table.count_tags(owner)} == {
            tag: TagTotal(
                tag, sum(tag in image.tags for image in ready), sum(image.tags.get(tag, 0) for image in ready)
            )
            for tag in TAGS
            if any(tag in image.tags for image in ready)
        }

    @invariant()
    def stores_are_consistent(self) -> None:
        check_invariants(TABLE_NAME, BUCKET_NAME)


LibraryMachine.TestCase.settings = settings(
    max_examples=rounds(50, 200), stateful_step_count=50, derandomize=not TORTURE
)
# The time limit is long because Hypothesis shrinks a failure for long. Other tests cover this code.
TestLibrary = pytest.mark.no_cover(pytest.mark.timeout(1_800)(LibraryMachine.TestCase))
