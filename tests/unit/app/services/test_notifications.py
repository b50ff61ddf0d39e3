from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.domain import news as news_module
from app.domain.alerts import EARLIER
from app.domain.edits import TagChange, retag
from app.domain.images import ImageSummary
from app.domain.mail import MailContent
from app.domain.news import News
from app.domain.outbox import DIGEST_COOLDOWN_SECONDS, LEASE_SECONDS
from app.domain.pages import Page
from app.domain.ports import Images, Mail, Subscriptions
from app.domain.query import parse
from app.domain.subscriptions import Choices, Frequency
from app.services import digests as digests_module
from app.services.library import Library
from app.services.notifications import (
    COVER_PAGES,
    UNCONFIRMED_LIFE_SECONDS,
    UNCONFIRMED_PAUSE_SECONDS,
)
from app.services.outbox_worker import OutboxWorker
from tests.support.fakes import Clock, image
from tests.support.injected_fault import InjectedFault, fail
from tests.support.services import UI_URL, Services
from tests.support.stored_data import StoredData, before_call

SETTLED_SECONDS = 180  # on AWS, a change ends and the worker looks again in this time


def settle(outbox_worker: OutboxWorker, owner: str, clock: Clock) -> None:
    """Process the owner's outbox until nothing is due."""
    for _ in range(2):
        clock.ahead += SETTLED_SECONDS
        outbox_worker.process(owner)


def test_announce_of_matching_images_sends_one_digest(
    outbox_worker: OutboxWorker, images: Images, ada: str, check_finished: Callable[[], None], stored: StoredData
) -> None:
    saved = [images.save(image(ada, dog=1)), images.save(image(ada, dog=2, person=1)), images.save(image(ada, dog=1))]

    for _ in range(2):
        outbox_worker.process(ada)

    ((subject, body),) = stored.mails(ada)
    assert subject == "New photos: dog (3)"
    assert [f"{UI_URL}/photos/{each.id}" in body for each in saved] == [True, True, True]
    assert "beach.jpg: dog | 2, person | 1\n" in body
    check_finished()


def test_announce_of_image_without_subscription_sends_nothing(
    outbox_worker: OutboxWorker, images: Images, ada: str, check_finished: Callable[[], None], stored: StoredData
) -> None:
    images.save(image(ada, cat=1))

    outbox_worker.process(ada)

    assert stored.mails(ada) == []
    check_finished()


def test_announce_of_changed_image_sends_only_new_matches(
    outbox_worker: OutboxWorker,
    images: Images,
    ada: str,
    clock: Clock,
    check_finished: Callable[[], None],
    stored: StoredData,
) -> None:
    cat = images.save(image(ada, cat=1))
    outbox_worker.process(ada)
    dog = images.save(retag(cat, [TagChange("dog", 1)], datetime.now(UTC)), cat)
    outbox_worker.process(ada)
    clock.ahead += DIGEST_COOLDOWN_SECONDS + 1

    images.save(retag(dog, [TagChange("dog", 1)], datetime.now(UTC)), dog)
    outbox_worker.process(ada)

    assert [subject for subject, _ in stored.mails(ada)] == ["New photos: dog (1)"]
    check_finished()


def test_announce_of_image_that_matches_again_sends_another_digest(
    outbox_worker: OutboxWorker, images: Images, ada: str, clock: Clock, stored: StoredData
) -> None:
    dog = images.save(image(ada, dog=1))
    outbox_worker.process(ada)
    clock.ahead += DIGEST_COOLDOWN_SECONDS + 1
    cat = images.save(retag(dog, [TagChange("dog", None, removes=True)], datetime.now(UTC)), dog)
    outbox_worker.process(ada)

    images.save(retag(cat, [TagChange("dog", 1)], datetime.now(UTC)), cat)
    outbox_worker.process(ada)

    assert len(stored.mails(ada)) == 2


def test_announce_of_image_that_matches_again_before_the_worker_looks_sends_nothing(
    outbox_worker: OutboxWorker, images: Images, ada: str, clock: Clock, stored: StoredData
) -> None:
    dog = images.save(image(ada, dog=1))
    outbox_worker.process(ada)
    clock.ahead += DIGEST_COOLDOWN_SECONDS + 1
    cat = images.save(retag(dog, [TagChange("dog", None, removes=True)], datetime.now(UTC)), dog)

    images.save(retag(cat, [TagChange("dog", 1)], datetime.now(UTC)), cat)
    outbox_worker.process(ada)

    assert len(stored.mails(ada)) == 1


def test_announce_of_untagged_image_reaches_its_subscription(
    outbox_worker: OutboxWorker, images: Images, subscriptions: Subscriptions, ada: str, stored: StoredData
) -> None:
    subscriptions.add(ada, parse("untagged"))
    saved = images.save(image(ada))

    outbox_worker.process(ada)

    ((subject, body),) = stored.mails(ada)
    assert subject == "New photos: untagged (1)"
    assert body.startswith(f"untagged (1)\n\nbeach.jpg: no tags\n{UI_URL}/photos/{saved.id}\n")


def test_announce_of_trashed_image_waits_until_it_is_restored(
    outbox_worker: OutboxWorker, images: Images, library: Library, ada: str, clock: Clock, stored: StoredData
) -> None:
    saved = images.save(image(ada, dog=1))
    library.trash(ada, saved.id)
    outbox_worker.process(ada)
    early = stored.mails(ada)

    clock.ahead += DIGEST_COOLDOWN_SECONDS
    library.restore(ada, saved.id)
    outbox_worker.process(ada)

    assert (len(early), len(stored.mails(ada))) == (0, 1)


def test_announce_of_image_that_is_purged_before_the_digest_sends_nothing(
    outbox_worker: OutboxWorker, images: Images, library: Library, ada: str, clock: Clock, stored: StoredData
) -> None:
    images.save(image(ada, dog=1))
    outbox_worker.process(ada)
    second = images.save(image(ada, dog=1))
    outbox_worker.process(ada)

    library.trash(ada, second.id)
    library.purge(ada, second.id)
    clock.ahead += DIGEST_COOLDOWN_SECONDS + 1
    outbox_worker.process(ada)

    assert len(stored.mails(ada)) == 1
    clock.ahead += DIGEST_COOLDOWN_SECONDS + 1
    assert outbox_worker.outbox.list_due() == []


def test_announce_of_many_images_counts_those_that_are_not_listed(
    outbox_worker: OutboxWorker, images: Images, ada: str, monkeypatch: pytest.MonkeyPatch, stored: StoredData
) -> None:
    monkeypatch.setattr(news_module, "MAX_NEWS", 2)
    for _ in range(5):
        images.save(image(ada, dog=1))

    outbox_worker.process(ada)

    ((subject, body),) = stored.mails(ada)
    assert subject == "New photos: dog (about 5)"
    assert (body.count("beach.jpg"), "\n… and about 3 more\n" in body) == (2, True)


def test_announce_after_the_last_subscription_was_removed_sends_nothing(
    outbox_worker: OutboxWorker, images: Images, subscriptions: Subscriptions, ada: str, stored: StoredData
) -> None:
    images.save(image(ada, dog=1))
    subscriptions.remove(ada, subscriptions.list(ada)[0].id)

    outbox_worker.process(ada)

    assert (stored.mails(ada), subscriptions.list_announcements(ada)) == ([], [])


def test_announce_of_restored_image_sends_nothing_new(
    outbox_worker: OutboxWorker,
    images: Images,
    library: Library,
    ada: str,
    clock: Clock,
    check_finished: Callable[[], None],
    stored: StoredData,
) -> None:
    saved = images.save(image(ada, dog=1))
    outbox_worker.process(ada)
    clock.ahead += DIGEST_COOLDOWN_SECONDS + 1
    library.trash(ada, saved.id)

    library.restore(ada, saved.id)
    outbox_worker.process(ada)

    assert len(stored.mails(ada)) == 1
    check_finished()


def test_announce_of_image_with_two_changes_lists_it_in_both_searches(
    outbox_worker: OutboxWorker, images: Images, subscriptions: Subscriptions, ada: str, stored: StoredData
) -> None:
    subscriptions.add(ada, parse("cat"))
    dog = images.save(image(ada, dog=1))
    images.save(retag(dog, [TagChange("cat", 1)], datetime.now(UTC)), dog)

    outbox_worker.process(ada)

    assert [subject for subject, _ in stored.mails(ada)] == ["New photos: dog (1), cat (1)"]


def test_announce_within_the_cooldown_collects_images_for_one_digest(
    outbox_worker: OutboxWorker,
    images: Images,
    ada: str,
    clock: Clock,
    check_finished: Callable[[], None],
    stored: StoredData,
) -> None:
    images.save(image(ada, dog=1))
    outbox_worker.process(ada)
    for label in ("person", "cat"):
        images.save(image(ada, counts={label: 1}, dog=1))
        outbox_worker.process(ada)
    number_within_cooldown = len(stored.mails(ada))

    clock.ahead += DIGEST_COOLDOWN_SECONDS + 2
    outbox_worker.process(ada)

    assert number_within_cooldown == 1
    assert [subject for subject, _ in stored.mails(ada)] == ["New photos: dog (1)", "New photos: dog (2)"]
    check_finished()


def test_announce_to_unconfirmed_address_waits_for_the_confirmation(
    outbox_worker: OutboxWorker,
    images: Images,
    subscriptions: Subscriptions,
    mail: Mail,
    owner: str,
    clock: Clock,
    check_finished: Callable[[], None],
    stored: StoredData,
) -> None:
    subscriptions.add(owner, parse("dog"))
    images.save(image(owner, dog=1))
    outbox_worker.process(owner)

    mail.subscribe(owner, "ada@example.com")
    outbox_worker.process(owner)
    early = stored.mails(owner)
    clock.ahead += UNCONFIRMED_PAUSE_SECONDS + 1
    outbox_worker.process(owner)

    assert early == []
    assert [subject for subject, _ in stored.mails(owner)] == ["New photos: dog (1)"]
    check_finished()


def test_announce_to_unconfirmed_address_is_dropped_after_a_week(
    outbox_worker: OutboxWorker,
    images: Images,
    subscriptions: Subscriptions,
    mail: Mail,
    owner: str,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
    stored: StoredData,
) -> None:
    subscriptions.add(owner, parse("dog"))
    saved = images.save(image(owner, dog=1))
    clock.ahead = UNCONFIRMED_LIFE_SECONDS - 60
    outbox_worker.process(owner)
    messages_within_a_week = caplog.messages[:]

    clock.ahead = UNCONFIRMED_LIFE_SECONDS + UNCONFIRMED_PAUSE_SECONDS
    outbox_worker.process(owner)
    mail.subscribe(owner, "ada@example.com")
    clock.ahead *= 2
    outbox_worker.process(owner)

    assert messages_within_a_week == []
    assert caplog.messages == [f"dropped the announcement of {saved.id}: the owner did not confirm an address"]
    assert stored.mails(owner) == []
    assert outbox_worker.outbox.list_due() == []


def test_digest_that_would_be_too_long_is_sent_in_parts(
    outbox_worker: OutboxWorker,
    images: Images,
    subscriptions: Subscriptions,
    ada: str,
    clock: Clock,
    stored: StoredData,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(digests_module, "MAX_BYTES", 1)
    subscriptions.add(ada, parse("!cat"))
    images.save(image(ada, dog=1))

    subjects = []
    for _ in range(3):
        outbox_worker.process(ada)
        subjects.append({subject for subject, _ in stored.mails(ada)})
        clock.ahead += DIGEST_COOLDOWN_SECONDS + 1

    first, second = "New photos: dog (1)", "New photos: !cat (1)"
    assert subjects == [{first}, {first, second}, {first, second}]
    assert len(stored.mails(ada)) == 2
    assert outbox_worker.outbox.list_due() == []


def test_announce_of_old_row_to_confirmed_address_sends_a_digest(
    outbox_worker: OutboxWorker, images: Images, ada: str, clock: Clock, stored: StoredData
) -> None:
    images.save(image(ada, dog=1))
    clock.ahead = UNCONFIRMED_LIFE_SECONDS * 2

    outbox_worker.process(ada)

    assert len(stored.mails(ada)) == 1


def test_announce_with_failed_publish_is_retried_after_the_lease(
    outbox_worker: OutboxWorker,
    images: Images,
    mail: Mail,
    ada: str,
    clock: Clock,
    check_finished: Callable[[], None],
    stored: StoredData,
) -> None:
    saved = images.save(image(ada, dog=1))
    with before_call(mail, "publish", fail), pytest.raises(InjectedFault):
        outbox_worker.process(ada)

    outbox_worker.process(ada)
    while_leased = stored.mails(ada)
    clock.ahead += LEASE_SECONDS + 1
    outbox_worker.process(ada)

    assert while_leased == []
    ((subject, body),) = stored.mails(ada)
    assert (subject, f"beach.jpg: dog | 1\n{UI_URL}/photos/{saved.id}\n" in body) == ("New photos: dog (1)", True)
    check_finished()


def test_announce_with_crash_after_publish_repeats_the_digest_once(
    outbox_worker: OutboxWorker,
    images: Images,
    mail: Mail,
    ada: str,
    clock: Clock,
    check_finished: Callable[[], None],
    stored: StoredData,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    images.save(image(ada, dog=1))
    publish = mail.publish

    def publish_and_fail(owner: str, content: MailContent) -> None:
        publish(owner, content)
        fail()

    with monkeypatch.context() as patch:
        patch.setattr(mail, "publish", publish_and_fail)
        with pytest.raises(InjectedFault):
            outbox_worker.process(ada)

    clock.ahead += LEASE_SECONDS + 1
    for _ in range(3):
        outbox_worker.process(ada)

    assert [subject for subject, _ in stored.mails(ada)] == ["New photos: dog (1)"] * 2
    check_finished()


def test_announce_by_two_workers_at_once_sends_one_digest(
    outbox_worker: OutboxWorker,
    images: Images,
    rival: Services,
    mail: Mail,
    ada: str,
    check_finished: Callable[[], None],
    stored: StoredData,
) -> None:
    images.save(image(ada, dog=1))

    with before_call(mail, "publish", lambda: rival.outbox_worker.process(ada)):
        outbox_worker.process(ada)

    assert len(stored.mails(ada)) == 1
    check_finished()


def test_announce_names_each_saved_search_that_matched(
    outbox_worker: OutboxWorker, images: Images, subscriptions: Subscriptions, ada: str, stored: StoredData
) -> None:
    subscriptions.add(ada, parse("cat"), Choices(title="Grüße: Cats"))
    subscriptions.add(ada, parse("bird"))
    images.save(image(ada, dog=1, cat=1))
    images.save(image(ada, cat=1))

    outbox_worker.process(ada)

    ((subject, body),) = stored.mails(ada)
    assert subject in {"New photos: dog (1), Grüße: Cats (2)", "New photos: dog (1), Gr??e: Cats (2)"}  # SNS: ASCII
    assert [line for line in body.splitlines() if line.endswith(")")] == ["dog (1)", "Grüße: Cats (2)"]


def test_announce_of_paused_search_waits_until_the_pause_ends(
    outbox_worker: OutboxWorker,
    images: Images,
    subscriptions: Subscriptions,
    ada: str,
    clock: Clock,
    check_finished: Callable[[], None],
    stored: StoredData,
) -> None:
    (dog,) = subscriptions.list(ada)
    subscriptions.change(ada, dog.id, {"paused": True})
    images.save(image(ada, dog=1))
    outbox_worker.process(ada)
    clock.ahead += SETTLED_SECONDS
    outbox_worker.process(ada)
    in_the_pause = [*outbox_worker.outbox.list_due(), *stored.mails(ada)]

    subscriptions.change(ada, dog.id, {"paused": False})
    outbox_worker.process(ada)

    assert in_the_pause == []
    assert [subject for subject, _ in stored.mails(ada)] == ["New photos: dog (1)"]
    check_finished()


def test_announce_of_daily_search_is_sent_once_with_the_next_digest(
    outbox_worker: OutboxWorker,
    images: Images,
    subscriptions: Subscriptions,
    ada: str,
    clock: Clock,
    check_finished: Callable[[], None],
    stored: StoredData,
) -> None:
    (dog,) = subscriptions.list(ada)
    subscriptions.change(ada, dog.id, {"digest": Frequency.DAILY})
    for _ in range(2):
        images.save(image(ada, dog=1))
        outbox_worker.process(ada)
    early = stored.mails(ada)

    clock.ahead += 24 * 3600
    due = [each.owner for each in outbox_worker.outbox.list_due()]
    for _ in range(2):
        outbox_worker.process(ada)

    assert (early, due) == ([], [ada])
    assert [subject for subject, _ in stored.mails(ada)] == ["New photos: dog (2)"]
    check_finished()


def test_announce_of_search_without_e_mail_only_counts(
    outbox_worker: OutboxWorker, images: Images, subscriptions: Subscriptions, ada: str, stored: StoredData
) -> None:
    (dog,) = subscriptions.list(ada)
    subscriptions.change(ada, dog.id, {"email": False})
    saved = images.save(image(ada, dog=1))

    outbox_worker.process(ada)
    subscriptions.change(ada, dog.id, {"email": True})
    outbox_worker.process(ada)

    (found,) = subscriptions.list(ada)
    assert (found.matched, found.cover, stored.mails(ada)) == (1, saved.id, [])


def test_announce_with_news_of_an_earlier_version_sends_them_without_a_name(
    outbox_worker: OutboxWorker, images: Images, subscriptions: Subscriptions, ada: str, stored: StoredData
) -> None:
    saved = images.save(image(ada, cat=1))
    outbox_worker.process(ada)
    alerts = subscriptions.get_alerts(ada)
    subscriptions.save_alerts(ada, replace(alerts, news={EARLIER: News(0, {saved.id: 0}, 2)}))

    outbox_worker.notifications.process(ada, lambda: True)

    ((subject, body),) = stored.mails(ada)
    assert (subject, "Show all" in body) == ("New photos: Saved searches (about 3)", False)


def test_cover_is_searched_for_after_the_newest_match_is_gone(
    outbox_worker: OutboxWorker, images: Images, library: Library, subscriptions: Subscriptions, ada: str, clock: Clock
) -> None:
    old, new = (images.save(image(ada, dog=1)) for _ in range(2))
    settle(outbox_worker, ada, clock)
    before = subscriptions.list(ada)[0].cover

    library.trash(ada, new.id)
    settle(outbox_worker, ada, clock)
    after = subscriptions.list(ada)[0].cover
    library.trash(ada, old.id)
    settle(outbox_worker, ada, clock)

    assert (before, after, subscriptions.list(ada)[0].cover) == (new.id, old.id, None)


def test_cover_that_is_found_during_a_change_is_searched_for_again(
    outbox_worker: OutboxWorker, images: Images, library: Library, subscriptions: Subscriptions, ada: str, clock: Clock
) -> None:
    saved = [images.save(image(ada, dog=1)) for _ in range(3)]
    settle(outbox_worker, ada, clock)
    library.trash(ada, saved[2].id)

    with before_call(images, "search", lambda: library.trash(ada, saved[1].id)):
        settle(outbox_worker, ada, clock)

    assert subscriptions.list(ada)[0].cover == saved[0].id


def test_cover_that_few_pages_do_not_contain_is_none(
    outbox_worker: OutboxWorker,
    images: Images,
    library: Library,
    subscriptions: Subscriptions,
    ada: str,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    saved = [images.save(image(ada, dog=1)) for _ in range(2)]
    settle(outbox_worker, ada, clock)
    library.trash(ada, saved[1].id)
    cursors = []

    def search(*arguments: object) -> Page[ImageSummary]:
        cursors.append(arguments[3])
        return Page([], "2019-07-28T01:03:00#x")

    monkeypatch.setattr(images, "search", search)
    settle(outbox_worker, ada, clock)

    assert (len(cursors), cursors[0], subscriptions.list(ada)[0].cover) == (COVER_PAGES, None, None)


def test_search_that_is_no_longer_valid_is_listed_and_sends_nothing(
    outbox_worker: OutboxWorker, images: Images, subscriptions: Subscriptions, ada: str, stored: StoredData
) -> None:
    invalid = replace(subscriptions.list(ada)[0], query=None, invalid_text="dog>=")
    subscriptions.put(ada, invalid)
    images.save(image(ada, dog=1))

    outbox_worker.process(ada)

    (found,) = subscriptions.list(ada)
    assert (found.text, found.matched, stored.mails(ada)) == ("dog>=", None, [])
    assert found.fault
    assert not found.query
