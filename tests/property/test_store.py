"""The store against a plain dict: whatever is done to a library, search finds, and mail tells, what the words say."""

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
from moto import mock_aws

from app.adapters.aws import outbox as outbox_module
from app.adapters.aws.bucket import Bucket, Upload
from app.adapters.aws.outbox import Outbox
from app.adapters.aws.queue import Queue
from app.adapters.aws.redetections import Redetections
from app.adapters.aws.subscriptions import Subscriptions
from app.adapters.aws.table import Table, TagCount
from app.adapters.aws.topics import Topics
from app.domain.errors import ImageChanged, ImageNotFound, NotReady, SubscriptionNotFound, VersionOutdated
from app.domain.images import KEPT, Change, Image, RequestId, State, Tags, corrected, relabelled, tags_of, tombstone
from app.domain.query import Query, matches
from app.services import outbox_worker as relay_module
from app.services.library import Catalog
from app.services.outbox_worker import Relay
from tests.conftest import (
    BUCKET_NAME,
    TABLE_NAME,
    Clock,
    FakeDetector,
    credentials,
    dynamodb_client,
    mails,
    make_table,
    s3_client,
    sns_client,
    sqs_client,
)
from tests.property.test_query import clauses
from tests.support.invariants import check_invariants, left_of
from tests.support.tokens import SETTINGS

PHOTOS = [cv2.imencode(".png", np.full((8, 8, 3), shade, np.uint8))[1].tobytes() for shade in range(4)]
OWNERS = ("00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002")
TAGS = ("dog", "cat", "person")
MAX_ADDED = 900
HOUR = 4000  # and a bit, in seconds

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
        dynamodb = dynamodb_client()
        make_table(dynamodb)
        s3_client().create_bucket(Bucket=BUCKET_NAME)
        self.sqs = sqs_client()
        self.sqs.create_queue(QueueName=SETTINGS.queue_url.rpartition("/")[2])
        self.table = Table(dynamodb, TABLE_NAME, backoff_seconds=0)
        self.detector = FakeDetector()
        self.catalog = Catalog(self.table, Bucket(s3_client(), BUCKET_NAME, credentials()), lambda: self.detector)
        self.subscriptions = Subscriptions(dynamodb, TABLE_NAME)
        self.redetections = Redetections(dynamodb, TABLE_NAME)
        topics = Topics(sns_client(), SETTINGS.topic_prefix)
        self.relay = Relay(
            outbox=Outbox(dynamodb, TABLE_NAME),
            table=self.table,
            catalog=self.catalog,
            subscriptions=self.subscriptions,
            topics=topics,
            redetections=self.redetections,
            queue=Queue(self.sqs, SETTINGS.queue_url),
            ui_url=SETTINGS.ui_url,
        )
        self.clock = Clock()
        self.set_time(self.clock)
        self.known: dict[tuple[str, str], Image] = {}
        self.sent: dict[tuple[str, str], bytes] = {}
        self.wanted: dict[str, dict[str, Query]] = {owner: {} for owner in OWNERS}
        self.untold: dict[str, list[tuple[str, Tags | None, Tags]]] = defaultdict(list)
        self.answered: dict[tuple[str, str], set[RequestId]] = defaultdict(set)
        for owner in OWNERS:
            topics.subscribe(owner, f"{owner}@example.com")

    def teardown(self) -> None:
        self.set_time(time)
        self.aws.stop()

    @staticmethod
    def set_time(clock: object) -> None:
        for module in (outbox_module, relay_module):
            vars(module)["time"] = clock

    def learn(self, key: tuple[str, str], now: Image | None = None) -> Image:
        """Take what the table has for what should be there, and note the change as one to be told of."""
        before, now = self.known.get(key), now or self.now(key)
        was = before.tags if before and before.state in KEPT else None
        if now.state is State.READY and now.tags != was:
            self.untold[key[0]].append((key[1], was, now.tags))
        self.known[key] = now
        return now

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
            assert self.learn((twin.owner, twin.id)) == replace(
                twin, state=State.READY, trashed_at=None, version=twin.version + (twin.state is State.TRASHED)
            )
        elif self.sent[key] in PHOTOS:
            assert (now.state, now.tags) == (State.READY, corrected(sees, before.edits))
        else:
            assert now.state is State.FAILED
        self.learn(key, now)

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

        now = self.learn(key)
        assert changed is (now != before)
        assert now.tags.get(tag, 0) == change.applied(before.tags.get(tag, 0))
        assert {**now.tags, tag: 0} == {**before.tags, tag: 0}

    @rule(key=images, request=st.builds(RequestId, st.sampled_from("ab"), st.just("body")), tag=st.sampled_from(TAGS))
    def retag_once(self, key: tuple[str, str], request: RequestId, tag: str) -> None:
        before = self.known[key]
        if before.state is not State.READY or before.tags.get(tag, 0) > MAX_ADDED:
            return

        assert self.catalog.retag(*key, [Change(tag, 1)], request)

        again = request in self.answered[key]
        self.answered[key].add(request)
        assert self.learn(key).tags.get(tag, 0) == before.tags.get(tag, 0) + (not again)

    @rule(key=images, old=st.sampled_from(TAGS), new=st.sampled_from(TAGS))
    def rename(self, key: tuple[str, str], old: str, new: str) -> None:
        before = self.known[key]
        if before.state is not State.READY:
            return

        self.catalog.rename_tag(*key, old, new)

        counts = {tag: before.tags.get(tag, 0) for tag in TAGS}
        moved = counts.pop(old)
        counts = {**counts, new: counts.get(new, 0) + moved} if moved else counts
        assert self.learn(key).tags == {tag: count for tag, count in counts.items() if count}

    @rule(key=images, number=st.integers(0, 8), label=st.none() | st.sampled_from(TAGS), outdated=st.booleans())
    def relabel(self, key: tuple[str, str], number: int, label: str | None, outdated: bool) -> None:  # noqa: FBT001
        before = self.known[key]
        if before.state is not State.READY or not before.findings:
            return
        number %= len(before.findings)
        finding = before.findings[number]
        if outdated:
            with pytest.raises(VersionOutdated):
                self.catalog.relabel(*key, finding.id, label, version=before.version + 1)
            return

        self.catalog.relabel(*key, finding.id, label, version=before.version)

        now = self.learn(key)
        changed = label != finding.label
        assert now.version == before.version + changed
        assert now.tags == relabelled(before, finding.id, label, datetime.now(UTC)).tags
        assert sum(one.object is not None for one in now.findings) == sum(
            (label if place == number else one.label) is not None for place, one in enumerate(before.findings)
        )

    @rule(key=images, sees=tags)
    def redetect(self, key: tuple[str, str], sees: dict[str, int]) -> None:
        before = self.known[key]
        if before.state is State.FAILED or before.duplicate_of:
            return
        self.detector.sees = sees
        if before.state is State.READY:
            self.catalog.redetect(*key)
            self.seen_again(key)
        else:
            with pytest.raises((NotReady, ImageNotFound)):
                self.catalog.redetect(*key)

    def seen_again(self, key: tuple[str, str]) -> None:
        """An image shows what the detector sees now, as far as nobody has said otherwise."""
        before, now = self.known[key], self.learn(key)
        assert (now.edits, now.corrections) == (before.edits, before.corrections)
        assert tags_of(now.detections) == self.detector.sees
        assert now.tags == corrected(tags_of(now.objects), before.edits)

    @rule(owner=owners)
    def redetect_library(self, owner: str) -> None:
        running = self.redetections.begin(owner)

        assert self.redetections.get(owner) == running

    @rule(sees=tags)
    def look_at_what_is_queued(self, sees: dict[str, int]) -> None:
        self.detector.sees = sees
        while messages := self.sqs.receive_message(QueueUrl=SETTINGS.queue_url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                asked = json.loads(message["Body"])["redetect"]
                owner, key = asked["owner"], (asked["owner"], asked["image"])
                if self.known[key].state is State.READY:
                    done = self.redetections.get(owner).done
                    self.catalog.redetect(*key, redetection=asked["redetection"])
                    self.seen_again(key)
                    assert self.redetections.get(owner).done == done + 1
                else:
                    self.redetections.count(owner, asked["redetection"])

    @rule(owner=owners, data=st.sampled_from(PHOTOS))
    def ask_for_known_bytes(self, owner: str, data: bytes) -> None:
        found = self.catalog.find_known(owner, hashlib.sha256(data).hexdigest())

        holders: set[str | None] = {
            image_id
            for (whose, image_id), image in self.known.items()
            if whose == owner and image.state in KEPT and self.sent.get((whose, image_id)) == data
        }
        assert {found.id if found else None} == (holders or {None})
        if found:
            assert self.learn((owner, found.id)).state is State.READY

    @rule(owner=owners, query=queries.filter(str))  # no text asks for everything
    def subscribe(self, owner: str, query: Query) -> None:
        subscription = self.subscriptions.add(owner, query)
        self.wanted[owner][subscription.id] = query

    @rule(owner=owners, number=st.integers(0, 3))
    def unsubscribe(self, owner: str, number: int) -> None:
        ids = [one.id for one in self.subscriptions.list(owner)]
        assert set(ids) == set(self.wanted[owner])
        if number < len(ids):
            self.subscriptions.remove(owner, ids[number])
            del self.wanted[owner][ids[number]]
        else:
            with pytest.raises(SubscriptionNotFound):
                self.subscriptions.remove(owner, "0" * 26)

    @rule(owner=owners)
    def tell(self, owner: str) -> None:
        """An hour later, one mail tells of exactly the images that match now, are there, and did not match before."""
        news, later = set(), []
        for change in self.untold.pop(owner, []):
            image_id, was, then = change
            queries = self.wanted[owner].values()
            fits = [query for query in queries if matches(then, image_id, query)]
            if any(was is None or not matches(was, image_id, query) for query in fits):
                state = self.known[owner, image_id].state
                news |= {image_id} if state is State.READY else set()
                later += [change] if state is State.TRASHED else []
        self.untold[owner] = later
        already = len(mails(owner))
        self.clock.ahead += HOUR

        self.relay.work_off(owner)

        sent = mails(owner)[already:]
        assert len(sent) == bool(news)
        assert {image_id for _, body in sent for image_id in re.findall(r"photos/(\w+)", body)} == news

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

        now = self.learn(key)
        assert now.state is (State.TRASHED if before.state in KEPT else State.GONE)

    @rule(key=images)
    def restore(self, key: tuple[str, str]) -> None:
        before = self.known[key]
        if before.state in KEPT:
            assert self.catalog.restore(*key) is (before.state is State.TRASHED)

            assert self.learn(key).state is State.READY

    @rule(key=images)
    def purge(self, key: tuple[str, str]) -> None:
        before = self.known[key]
        if before.state is State.TRASHED:
            self.catalog.purge(*key)

            assert self.learn(key) == replace(tombstone(before), version=before.version + 1)

    @rule(owner=owners)
    def forget(self, owner: str) -> None:
        while self.catalog.forget(owner, 2) or self.table.wipe(owner, 2):
            pass

        for key, before in self.known.items():
            if key[0] == owner and before.state is not State.GONE:
                self.known[key] = replace(tombstone(before), version=before.version + 1)
        self.wanted[owner], self.untold[owner] = {}, []
        assert left_of(owner, TABLE_NAME, BUCKET_NAME) == []

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
        check_invariants(TABLE_NAME, BUCKET_NAME)


Library.TestCase.settings = settings(max_examples=200, stateful_step_count=50)
# A failure takes long to become small; what runs here is covered by tests that say what they are for.
TestLibrary = pytest.mark.no_cover(pytest.mark.timeout(1_800)(Library.TestCase))
