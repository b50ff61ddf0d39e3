"""The model of the stores: two libraries on AWS or on one machine, and their expected contents."""

import io
import shutil
import tempfile
import time
from collections import defaultdict
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import cv2
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine
from PIL import Image as PillowImage
from PIL import PngImagePlugin

from app.adapters.aws import outbox as dynamo_outbox
from app.adapters.aws import outbox_owners as dynamo_outbox_owners
from app.adapters.local import outbox as sqlite_outbox
from app.domain import announcements as announcements_module
from app.domain.announcements import announce_change
from app.domain.images import STORED, Image, RequestId
from app.domain.periods import Period
from app.domain.query import Query
from app.domain.tags import apply_edits, tally_tags
from app.domain.text_conditions import TextCondition, TextField
from app.services import notifications as notifications_module
from app.services import outbox_worker as outbox_worker_module
from detector.metadata.values import CaptureTime, TimeSource
from tests.property.test_query import clauses
from tests.support.aws import MotoData, connect_aws, make_resources, mock_aws
from tests.support.breakage import Breaker, LocalBreaker, MotoBreaker
from tests.support.fakes import Clock, FakeDetector
from tests.support.pictures import paint_picture
from tests.support.services import Services, connect_local
from tests.support.stored_data import LocalData, StoredData

if TYPE_CHECKING:
    from app.domain.snapshots import Snapshot

XMP: Final = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:subject><rdf:Bag>{items}</rdf:Bag></dc:subject>'
    '<dc:title><rdf:Alt><rdf:li xml:lang="x-default">Café {shade}</rdf:li></rdf:Alt></dc:title>'
    "</rdf:Description></rdf:RDF></x:xmpmeta>"
)


def make_gray_png(shade: int, *keywords: str) -> bytes:
    """Return a PNG of 8 x 8 pixels with this shade, 0 to 255, and these keywords and a title in XMP."""
    texts = PngImagePlugin.PngInfo()
    items = "".join(f"<rdf:li>{keyword}</rdf:li>" for keyword in keywords)
    texts.add_itxt("XML:com.adobe.xmp", XMP.format(items=items, shade=shade))
    file = io.BytesIO()
    PillowImage.new("L", (8, 8), shade).save(file, "PNG", pnginfo=texts)
    return file.getvalue()


KEYWORDS = ((), (), ("Dog",), ("cat", "Dog", "!"))
# Two pictures look the same.
COPIES = [cv2.imencode(".jpg", paint_picture(1, *size))[1].tobytes() for size in ((64, 48), (80, 60))]
PHOTOS = [*(make_gray_png(shade, *keywords) for shade, keywords in enumerate(KEYWORDS)), *COPIES]
# Photos that a broken store contains have other bytes, and no keywords.
KEYWORD_TAGS = dict(zip(PHOTOS, ([], [], ["dog"], ["cat", "dog"], [], []), strict=True))
DAY = timedelta(days=1)
TODAY = datetime.now(UTC).date()
NEXT_YEAR = TODAY.year + 1
# The dates in names of files, of which several photos have the same. That of the next year is implausible.
NAMES = {
    "a.png": None,
    "IMG_20190728_010300.png": CaptureTime(datetime(2019, 7, 28, 1, 3), TimeSource.NAME),  # noqa: DTZ001 - a local time
    "2018-12-31.png": CaptureTime(datetime(2018, 12, 31), TimeSource.NAME, date_only=True),  # noqa: DTZ001 - a local time
    f"IMG_{NEXT_YEAR}1231_235959.png": CaptureTime(
        datetime(NEXT_YEAR, 12, 31, 23, 59, 59),  # noqa: DTZ001 - a local time
        TimeSource.NAME,
        plausible=False,
    ),
}
OWNERS = ("00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002")
TAGS = ("dog", "cat", "person")

tags = st.dictionaries(st.sampled_from(TAGS), st.integers(1, 3))
owners = st.sampled_from(OWNERS)
days = st.none() | st.sampled_from([date(2018, 12, 31), date(2019, 7, 28), date(2019, 7, 31)])
periods = st.builds(Period, days, days)
uploads = st.builds(Period, st.none() | st.just(TODAY - DAY), st.sampled_from([None, TODAY - DAY, TODAY + DAY]))
queries = st.builds(
    Query,
    clauses,
    st.just(Period()) | periods,
    st.just(Period()) | uploads,
    untagged=st.booleans(),
    undated=st.booleans(),
)
conditions = st.builds(
    TextCondition,
    st.sampled_from([TextField.NAME, TextField.TITLE, TextField.TEXT]),
    st.lists(
        st.sampled_from(["img", "2019", "a", ".png", "cafe", "Cafe\u0301", "é 1", "3"]), min_size=1, max_size=2
    ).map(tuple),
)
searches = queries | st.builds(
    lambda query, texts: replace(query, texts=tuple(texts)), queries, st.lists(conditions, min_size=1, max_size=2)
)
images: Bundle[tuple[str, str]] = Bundle("images")  # the owner and id of each image


class LibraryModel(RuleBasedStateMachine):
    """The libraries of two owners in the stores, and their expected contents.

    Attributes:
        expected: The expected images, by owner and id. Those of a deleted account are expected as tombstones.
        deleted: The images of deleted accounts, which have no row.
        uploads: The uploaded bytes of the images.
        queries: The queries of each owner's subscriptions, by subscription id.
        unannounced: The changes of each owner that are not announced yet, by image id: the image before, the image
            after, and whether it was ready after the last change.
        waiting: The images of each owner that were trashed before their announcement.
        silent: The searches of each owner without e-mail.
        paused: The searches of each owner whose news wait.
        news: The images to announce, by owner and search.
        requests: The requests that have changed each image.
    """

    def __init__(self) -> None:
        super().__init__()
        self.detector = FakeDetector(confidences=(0.9, 0.2, 0.1))
        self.resources = ExitStack()
        self.services, self.stored, self.breaker = self.connect()
        services = self.services
        self.images, self.library, self.ingest = services.images, services.library, services.ingest
        self.subscriptions, self.redetections = services.subscriptions, services.redetections
        self.outbox_worker = services.outbox_worker
        self.clock = Clock()
        self.set_time(self.clock)
        self.expected: dict[tuple[str, str], Image] = {}
        self.deleted: set[tuple[str, str]] = set()
        self.uploads: dict[tuple[str, str], bytes] = {}
        self.queries: dict[str, dict[str, Query]] = {owner: {} for owner in OWNERS}
        self.unannounced: dict[str, dict[str, tuple[Snapshot | None, Snapshot | None, bool]]] = defaultdict(dict)
        self.waiting: dict[str, set[str]] = defaultdict(set)
        self.silent: dict[str, set[str]] = defaultdict(set)
        self.paused: dict[str, set[str]] = defaultdict(set)
        self.news: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        self.requests: dict[tuple[str, str], set[RequestId]] = defaultdict(set)
        for owner in OWNERS:
            services.mail.subscribe(owner, f"{owner}@example.com")

    def connect(self) -> tuple[Services, StoredData, Breaker]:
        """Connect to empty stores on one machine. `resources` closes them."""
        folder = Path(tempfile.mkdtemp())
        self.resources.callback(shutil.rmtree, folder)
        services = self.resources.enter_context(connect_local(folder, lambda: self.detector))
        return services, LocalData(folder), LocalBreaker(folder)

    def teardown(self) -> None:
        self.set_time(time)
        self.resources.close()

    @staticmethod
    def set_time(clock: object) -> None:
        adapters = (dynamo_outbox, dynamo_outbox_owners, sqlite_outbox)
        for module in (*adapters, announcements_module, notifications_module, outbox_worker_module):
            vars(module)["time"] = clock

    def learn(self, key: tuple[str, str], now: Image | None = None) -> Image:
        """Replace the expected image with the one from the images, and record the change for the announcement."""
        before, now = self.expected.get(key), now or self.read_image(key)
        changes = self.unannounced[key[0]]
        if self.queries[key[0]] and (change := announce_change(before, now)):
            first = changes[key[1]][0] if key[1] in changes else change.before
            changes[key[1]] = first, change.after, change.is_ready
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
        """Assert that the image has the detector's current detections, with its edits, corrections and drawn boxes."""
        before, now = self.expected[key], self.learn(key)
        assert (now.edits, now.corrections, now.drawn) == (before.edits, before.corrections, before.drawn)
        assert tally_tags(now.detections) == self.detector.sees
        assert now.tags == apply_edits(
            tally_tags(now.visible_boxes), before.edits, KEYWORD_TAGS.get(self.uploads[key], [])
        )


class MotoMixin:
    """Replaces the stores of `LibraryModel` by those on AWS."""

    detector: FakeDetector
    resources: ExitStack

    def connect(self) -> tuple[Services, StoredData, Breaker]:
        """Connect to empty stores on moto. `resources` closes them."""
        self.resources.enter_context(mock_aws())
        make_resources()
        return connect_aws(lambda: self.detector), MotoData(), MotoBreaker()
