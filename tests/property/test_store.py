"""The stores against a model in memory: after any operations, the library, searches and e-mails are as expected."""

import re
import time
from dataclasses import replace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from app.domain.errors import SubscriptionNotFound
from app.domain.ids import DERIVED, Rendition, new_id
from app.domain.images import ImageState, make_tombstone
from app.domain.query import Query, matches
from app.domain.tags import TagTotal
from app.services.doctor import object_check
from app.services.doctor.findings import Finding
from tests.property.library_model import PHOTOS, TAGS, MotoMixin, owners, queries, tags
from tests.property.undo_rules import OPERATIONS, UndoRules
from tests.support.breakage import OLD_SECONDS, ROW_KINDS
from tests.support.doctor import Check
from tests.support.fakes import Clock
from tests.support.sampling import TORTURE, rounds

OVER_AN_HOUR_SECONDS = 4_000


def is_expected(finding: Finding) -> bool:
    """Return whether a finding is right: the owners have no accounts, and on AWS, messages are unknown."""
    return finding.is_note or finding.text == "These photos have no account."


class LibraryMachine(UndoRules):
    """Operations on single images and on whole libraries, in any order."""

    @rule(owner=owners)
    def redetect_library(self, owner: str) -> None:
        running = self.redetections.start(owner)

        assert self.redetections.get(owner) == running

    @rule(sees=tags)
    def process_queue(self, sees: dict[str, int]) -> None:
        self.detector.sees = sees
        for message in self.stored.take_redetections():
            owner, key = message.owner, (message.owner, message.image_id)
            if self.expected[key].state is ImageState.READY:
                done = self.redetections.get(owner).done
                self.ingest.redetect(*key, redetection=message.redetection)
                self.check_redetected(key)
                assert self.redetections.get(owner).done == done + 1
            else:
                self.redetections.record_done(owner, message.redetection)

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
        news, queries, waiting = set(), self.queries[owner].values(), self.waiting[owner]
        if not queries:
            waiting.clear()
        for image_id, (before, after, is_ready) in self.unannounced.pop(owner, {}).items():
            is_new = any(
                after is not None and matches(after, query) and (before is None or not matches(before, query))
                for query in queries
            )
            if is_new or (is_ready and image_id in waiting):
                waiting.discard(image_id)
                state = self.expected[owner, image_id].state
                news |= {image_id} if is_ready and state is ImageState.READY else set()
                waiting |= {image_id} if not is_ready or state is ImageState.TRASHED else set()
        mail_count = len(self.stored.mails(owner))
        self.clock.ahead += OVER_AN_HOUR_SECONDS

        self.outbox_worker.process(owner)

        new_mails = self.stored.mails(owner)[mail_count:]
        assert len(new_mails) == bool(news)
        assert {image_id for _, body in new_mails for image_id in re.findall(r"photos/(\w+)", body)} == news

    @rule(owner=owners)
    def delete_account(self, owner: str) -> None:
        while self.library.delete_images(owner, 2) or self.images.delete_rows(owner, 2):
            pass

        for key, before in self.expected.items():
            if key[0] == owner:
                self.expected[key] = replace(make_tombstone(before), version=before.version + 1)
                self.deleted.add(key)
        self.queries[owner], self.unannounced[owner], self.waiting[owner] = {}, {}, set()
        for operation_id in OPERATIONS:
            self.undoable.pop((owner, operation_id), None)
        assert {*self.stored.list_leftovers(owner)} <= {"outbox_lease"}  # on AWS, the worker removes it later

    @rule(owner=owners)
    def count(self, owner: str) -> None:
        ready = [
            image for (other, _), image in self.expected.items() if other == owner and image.state is ImageState.READY
        ]

        assert {total.tag: total for total in self.images.count_tags(owner)} == {
            tag: TagTotal(
                tag, sum(tag in image.tags for image in ready), sum(image.tags.get(tag, 0) for image in ready)
            )
            for tag in TAGS
            if any(tag in image.tags for image in ready)
        }

    @rule(
        kinds=st.lists(st.sampled_from([*ROW_KINDS, *DERIVED]), min_size=1, max_size=4),
        number=st.integers(0, 20),
        sees=tags,
        stray_owner=st.none() | owners,
    )
    def break_and_repair(self, kinds: list[str], number: int, sees: dict[str, int], stray_owner: str | None) -> None:
        """Break rows, previews and thumbnails, and let an original lose its image. The doctor repairs all of them."""
        for kind in kinds:
            if kind in ROW_KINDS:
                getattr(self.breaker, kind)(number)
            else:
                self.breaker.lose_object(number, Rendition(kind))
        if stray_owner:
            key = (stray_owner, new_id())
            self.uploads[key] = PHOTOS[0] + key[1].encode()
            self.breaker.put_object(*key, Rendition.ORIGINAL, self.uploads[key])
        self.detector.sees = sees
        result = Check()

        vars(object_check)["time"] = Clock(OLD_SECONDS)
        result.run(self.services, repair=True)
        vars(object_check)["time"] = time

        assert [each for each in result.findings if not each.is_repaired and not is_expected(each)] == []
        if stray_owner:
            assert self.learn(key).tags == sees
        again = Check()
        again.run(self.services, repair=False, verify=True)
        assert all(map(is_expected, again.findings))

    @invariant()
    def stores_are_consistent(self) -> None:
        self.stored.check()


class MotoLibraryMachine(MotoMixin, LibraryMachine):
    """The same operations on AWS."""


LibraryMachine.TestCase.settings = settings(
    max_examples=rounds(25, 200), stateful_step_count=50, derandomize=not TORTURE
)
MotoLibraryMachine.TestCase.settings = settings(
    max_examples=rounds(10, 200), stateful_step_count=50, derandomize=not TORTURE
)
# The time limit is long because Hypothesis needs much time to shrink a failure. Other tests cover this code.
TestLocalLibrary = pytest.mark.no_cover(pytest.mark.timeout(1_800)(LibraryMachine.TestCase))
TestAwsLibrary = pytest.mark.no_cover(pytest.mark.timeout(1_800)(MotoLibraryMachine.TestCase))
