"""The links in digests, on both stores."""

from collections.abc import Callable

import pytest

from app.domain.mail_links import LINK_DAYS, LinkAction
from app.domain.ports import Images, Subscriptions
from app.domain.query import parse
from app.services import mail_links as mail_links_module
from app.services.mail_links import LINKS_PATH, MailLinks
from app.services.outbox_worker import OutboxWorker
from tests.support.fakes import OTHER_OWNER, Clock, image
from tests.support.services import UI_URL, Services
from tests.support.stored_data import StoredData


@pytest.fixture(params=["local", "aws"])
def backend(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def links(subscriptions: Subscriptions) -> MailLinks:
    return MailLinks(subscriptions, UI_URL)


Use = Callable[[str], bool | None]


@pytest.fixture
def use(links: MailLinks) -> Use:
    """A function that uses a link. It returns whether anything changed, or None if the link is not valid."""

    def open_and_perform(url: str) -> bool | None:
        if not (opened := links.open(url.removeprefix(f"{UI_URL}{LINKS_PATH}/"))):
            return None
        links.perform(opened)
        return bool(opened.searches)

    return open_and_perform


def test_links_of_a_digest_change_only_their_saved_search(
    outbox_worker: OutboxWorker,
    images: Images,
    subscriptions: Subscriptions,
    stored: StoredData,
    ada: str,
    use: Use,
) -> None:
    for text in ("cat", "!dog"):
        subscriptions.add(ada, parse(text))
    images.save(image(ada, dog=1, cat=1))
    outbox_worker.process(ada)
    ((_, body),) = stored.mails(ada)
    pause, *_ = (line.removeprefix("Pause: ") for line in body.splitlines() if line.startswith("Pause: "))
    *_, end = (line.rpartition(" ")[2] for line in body.splitlines() if line.startswith("Delete"))
    (stop,) = (line.rpartition(" ")[2] for line in body.splitlines() if line.startswith("Stop"))

    used_twice = [use(url) for url in (pause, end, pause, end)]

    assert used_twice == [True, True, False, False]
    found = {each.text: each.choices for each in subscriptions.list(ada)}
    assert {text: (each.paused, each.email) for text, each in found.items()} == {
        "dog": (True, True),
        "!dog": (False, True),
    }
    assert [use(stop), use(stop)] == [True, False]
    assert [each.choices.email for each in subscriptions.list(ada)] == [False, False]


def test_link_of_a_search_that_was_saved_again_changes_nothing(
    subscriptions: Subscriptions, links: MailLinks, ada: str, use: Use
) -> None:
    (dog,) = subscriptions.list(ada)
    urls = [links.write_url(action, ada, dog) for action in (LinkAction.PAUSE, LinkAction.END)]
    subscriptions.remove(ada, dog.id)
    again = subscriptions.add(ada, parse("dog"))

    assert [use(url) for url in urls] == [False, False]
    assert subscriptions.list(ada) == [again]


def test_link_of_another_owner_changes_nothing_here(
    subscriptions: Subscriptions, links: MailLinks, ada: str, use: Use
) -> None:
    (dog,) = subscriptions.list(ada)
    of_other = subscriptions.add(OTHER_OWNER, parse("dog"))
    urls = [links.write_url(action, OTHER_OWNER, of_other) for action in LinkAction if action is not LinkAction.STOP]
    forged = [url.replace(OTHER_OWNER, ada) for url in urls]

    assert [use(url) for url in forged] == [None, None]
    assert subscriptions.list(ada) == [dog]
    assert [use(url) for url in urls] == [True, True]
    assert (subscriptions.list(ada), subscriptions.list(OTHER_OWNER)) == ([dog], [])


def test_expired_link_changes_nothing(
    subscriptions: Subscriptions, links: MailLinks, ada: str, use: Use, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = links.write_url(LinkAction.STOP, ada)
    monkeypatch.setattr(mail_links_module, "time", Clock(LINK_DAYS * 86_400 + 1))

    assert use(url) is False
    opened = links.open(url.removeprefix(f"{UI_URL}{LINKS_PATH}/"))
    assert opened
    assert opened.is_expired
    assert subscriptions.list(ada)[0].choices.email


@pytest.mark.usefixtures("objects")
def test_links_after_the_deletion_of_the_account_write_nothing(
    images: Images, subscriptions: Subscriptions, links: MailLinks, stored: StoredData, ada: str, use: Use
) -> None:
    (dog,) = subscriptions.list(ada)
    urls = [links.write_url(action, ada, dog) for action in LinkAction]
    while images.delete_rows(ada, 100):
        pass
    before = stored.list_leftovers(ada)

    assert [use(url) for url in urls] == [False] * 3
    assert stored.list_leftovers(ada) == before


def test_secret_is_the_same_for_all_processes(subscriptions: Subscriptions, rival: Services) -> None:
    assert subscriptions.get_link_secret() == subscriptions.get_link_secret() == rival.subscriptions.get_link_secret()
    assert len(subscriptions.get_link_secret()) == 32


@pytest.mark.parametrize("action", LinkAction)
def test_link_whose_saved_search_is_deleted_meanwhile_changes_nothing(
    subscriptions: Subscriptions, links: MailLinks, ada: str, action: LinkAction
) -> None:
    (dog,) = subscriptions.list(ada)
    cat = subscriptions.add(ada, parse("cat"))
    opened = links.open(links.write_url(action, ada, dog).rpartition("/")[2])
    assert opened
    subscriptions.remove(ada, dog.id)

    links.perform(opened)

    (left,) = subscriptions.list(ada)
    assert (left.id, left.choices.email) == (cat.id, action is not LinkAction.STOP)
