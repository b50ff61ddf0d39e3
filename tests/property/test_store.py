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
from tests.property.album_rules import AlbumRules
from tests.property.library_model import PHOTOS, TAGS, MotoMixin, owners, queries, tags
from tests.property.undo_rules import OPERATIONS
from tests.support.breakage import OLD_SECONDS, ROW_KINDS
from tests.support.doctor import Check
from tests.support.fakes import Clock
from tests.support.sampling import TORTURE, rounds

OVER_AN_HOUR_SECONDS = 4_000


def is_expected(finding: Finding) -> bool:
    """Return whether a finding is right: the owners have no accounts, and on AWS, messages are unknown."""
    return finding.is_note or finding.text == "These photos have no account."


class LibraryMachine(AlbumRules):
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
        self.queries[owner].setdefault(subscription.id, query)  # it may exist with its conditions in another order

    @rule(owner=owners, number=st.integers(0, 3))
    def unsubscribe(self, owner: str, number: int) -> None:
        ids = [subscription.id for subscription in self.subscriptions.list(owner)]
        assert set(ids) == set(self.queries[owner])
        if number < len(ids):
            self.subscriptions.remove(owner, ids[number])
            del self.queries[owner][ids[number]]
            self.forget_search(owner, ids[number])
        else:
            with pytest.raises(SubscriptionNotFound):
                self.subscriptions.remove(owner, "0" * 26)

    def forget_search(self, owner: str, key: str) -> None:
        self.silent[owner].discard(key)
        self.paused[owner].discard(key)
        self.news[owner].pop(key, None)

    @rule(owner=owners, number=st.integers(0, 3), email=st.booleans(), paused=st.booleans())
    def change_search(self, owner: str, number: int, email: bool, paused: bool) -> None:  # noqa: FBT001
        for key in [each.id for each in self.subscriptions.list(owner)][number : number + 1]:
            after = self.subscriptions.change(owner, key, {"email": email, "paused": paused})
            assert (after.choices.email, after.choices.paused) == (email, paused)
            (self.silent[owner].discard if email else self.silent[owner].add)(key)
            (self.paused[owner].add if paused else self.paused[owner].discard)(key)

    @rule(owner=owners)
    def announce(self, owner: str) -> None:
        """After an hour, one e-mail announces exactly the ready images that newly match a search, in its section."""
        searches = {key: each for key, each in self.queries[owner].items() if key not in self.silent[owner]}
        waiting, news = self.waiting[owner], self.news[owner]
        if not self.queries[owner]:
            waiting.clear()
        for key in news.keys() - searches.keys():
            del news[key]
        for image_id, (before, after, is_ready) in self.unannounced.pop(owner, {}).items():
            matching = {key for key, query in searches.items() if after is not None and matches(after, query)}
            known = {key for key, query in searches.items() if before is not None and matches(before, query)}
            if not is_ready:
                waiting |= {image_id} if matching - known else set()
                continue
            for key in matching if image_id in waiting else matching - known:
                news[key].add(image_id)
            waiting.discard(image_id)
        sent = [self.take_news(owner, key) for key in searches if key not in self.paused[owner]]
        mail_count = len(self.stored.mails(owner))
        self.clock.ahead += OVER_AN_HOUR_SECONDS

        self.outbox_worker.process(owner)

        new_mails = self.stored.mails(owner)[mail_count:]
        assert len(new_mails) == any(sent)
        for _, body in new_mails:
            sections = body.split("Show all: ")[:-1]
            found = [set(re.findall(r"photos/(\w+)", section)) for section in sections]
            assert sorted(map(sorted, found)) == sorted(map(sorted, filter(None, sent)))

    def take_news(self, owner: str, key: str) -> set[str]:
        """Remove the news of a search. Return the images that are ready. Those in the trash wait."""
        news = self.news[owner].pop(key, set())
        states = {image_id: self.expected[owner, image_id].state for image_id in news}
        self.waiting[owner] |= {image_id for image_id, state in states.items() if state is ImageState.TRASHED}
        return {image_id for image_id, state in states.items() if state is ImageState.READY}

    @rule(owner=owners)
    def delete_account(self, owner: str) -> None:
        while self.library.delete_images(owner, 2) or self.images.delete_rows(owner, 2):
            pass

        for key, before in self.expected.items():
            if key[0] == owner:
                self.expected[key] = replace(make_tombstone(before), version=before.version + 1)
                self.deleted.add(key)
        for search in self.queries[owner]:
            self.forget_search(owner, search)
        self.queries[owner], self.unannounced[owner], self.waiting[owner] = {}, {}, set()
        self.placed.pop(owner, None)
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
        kinds=st.lists(st.sampled_from([*ROW_KINDS, "lose_title", *DERIVED]), min_size=1, max_size=4),
        number=st.integers(0, 20),
        sees=tags,
        stray_owner=st.none() | owners,
    )
    def break_and_repair(self, kinds: list[str], number: int, sees: dict[str, int], stray_owner: str | None) -> None:
        """Break rows, previews and thumbnails, and let an original lose its image. The doctor repairs all of them."""
        for kind in kinds:
            if kind in DERIVED:
                self.breaker.lose_object(number, Rendition(kind))
            else:
                getattr(self.breaker, kind)(number)
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
    max_examples=rounds(15, 200), stateful_step_count=50, derandomize=not TORTURE
)
MotoLibraryMachine.TestCase.settings = settings(
    max_examples=rounds(5, 200), stateful_step_count=50, derandomize=not TORTURE
)
# The time limit is long because Hypothesis needs much time to shrink a failure. Other tests cover this code.
TestLocalLibrary = pytest.mark.no_cover(pytest.mark.timeout(1_800)(LibraryMachine.TestCase))
TestAwsLibrary = pytest.mark.no_cover(pytest.mark.timeout(1_800)(MotoLibraryMachine.TestCase))
