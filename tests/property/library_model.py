"""The model of the stores: two libraries and their expected contents."""

import time
from collections import defaultdict

import cv2
import numpy as np
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine

from app.adapters.aws import outbox as outbox_module
from app.domain.images import STORED, Image, ImageState, RequestId
from app.domain.query import Query
from app.domain.tags import Tags, apply_edits, tally_tags
from app.services import notifications as notifications_module
from app.services import outbox_worker as outbox_worker_module
from tests.property.test_query import clauses
from tests.support.aws import connect_aws, make_resources, mock_aws, sqs_client
from tests.support.fakes import Clock, FakeDetector

PHOTOS = [cv2.imencode(".png", np.full((8, 8, 3), shade, np.uint8))[1].tobytes() for shade in range(4)]
OWNERS = ("00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002")
TAGS = ("dog", "cat", "person")

tags = st.dictionaries(st.sampled_from(TAGS), st.integers(1, 3))
owners = st.sampled_from(OWNERS)
queries = st.builds(Query, clauses, untagged=st.booleans())
images: Bundle[tuple[str, str]] = Bundle("images")  # the owner and id of each image


class LibraryModel(RuleBasedStateMachine):
    """The libraries of two owners in the stores, and their expected contents.

    Attributes:
        expected: The expected images, by owner and id.
        uploads: The uploaded bytes of the images.
        queries: The queries of each owner's subscriptions, by subscription id.
        unannounced: The changes of each owner that are not announced yet: image id, tags before and tags after.
        requests: The requests that have changed each image.
    """

    def __init__(self) -> None:
        super().__init__()
        self.aws = mock_aws()
        self.aws.start()
        make_resources()
        self.sqs = sqs_client()
        self.detector = FakeDetector()
        services = connect_aws(lambda: self.detector)
        self.images, self.library, self.ingest = services.images, services.library, services.ingest
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
            services.mail.subscribe(owner, f"{owner}@example.com")

    def teardown(self) -> None:
        self.set_time(time)
        self.aws.stop()

    @staticmethod
    def set_time(clock: object) -> None:
        for module in (outbox_module, notifications_module, outbox_worker_module):
            vars(module)["time"] = clock

    def learn(self, key: tuple[str, str], now: Image | None = None) -> Image:
        """Replace the expected image with the one from the images, and record the change for the announcement."""
        before, now = self.expected.get(key), now or self.read_image(key)
        tags_before = before.tags if before and before.state in STORED else None
        if now.state is ImageState.READY and now.tags != tags_before:
            self.unannounced[key[0]].append((key[1], tags_before, now.tags))
        self.expected[key] = now
        return now

    def read_image(self, key: tuple[str, str]) -> Image:
        """Return the image from the table."""
        image = self.images.find_image(*key)
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

    def check_redetected(self, key: tuple[str, str]) -> None:
        """Assert that the image has the detector's current detections, with its edits and corrections applied."""
        before, now = self.expected[key], self.learn(key)
        assert (now.edits, now.corrections) == (before.edits, before.corrections)
        assert tally_tags(now.detections) == self.detector.sees
        assert now.tags == apply_edits(tally_tags(now.visible_detections), before.edits)
