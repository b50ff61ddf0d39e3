from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from botocore.stub import Stubber
from fastapi.testclient import TestClient

from app import wiring
from app.adapters.aws import quotas
from app.adapters.aws.accounts import CognitoAccounts
from app.adapters.aws.mail import SnsMail
from app.api.dependencies import provide
from app.domain.accounts import Account
from app.domain.albums import Album
from app.domain.ids import new_id
from app.domain.mail import EmailState
from app.domain.ports import Albums, Images, Mail, Subscriptions
from app.domain.query import parse
from app.domain.subscriptions import MAX_SUBSCRIPTIONS
from app.main import app
from app.services.library import Library
from app.services.outbox_worker import OutboxWorker
from tests.support.fakes import Clock, StoppedClock, image
from tests.support.tokens import SETTINGS

if TYPE_CHECKING:
    from mypy_boto3_sns.client import SNSClient


class FakeUserPool(CognitoAccounts):
    """A user pool in which every access token belongs to Ada."""

    def __init__(self) -> None:
        """Create no client of Cognito."""

    def get_account(self, access_token: str) -> Account:
        return Account("ada@example.com", "Ada", "Lovelace", email_verified=True)


@pytest.fixture
def backend() -> str:
    """The tests in this module use clients of AWS."""
    return "aws"


@pytest.fixture(autouse=True)
def override_dependencies(subscriptions: Subscriptions, mail: Mail, client: TestClient) -> None:
    app.dependency_overrides |= {
        provide(wiring.subscriptions): lambda: subscriptions,
        provide(wiring.mail): lambda: mail,
        provide(wiring.accounts): FakeUserPool,
    }


def subscribe(client: TestClient, query: str) -> dict[str, object]:
    subscription: dict[str, object] = client.post("/subscriptions", json={"query": query}).raise_for_status().json()
    return subscription


def test_subscription_contains_number_of_matches_after_the_worker_has_counted_them(
    client: TestClient, images: Images, outbox_worker: OutboxWorker, clock: Clock, owner: str
) -> None:
    for count in (1, 2, 3):
        images.save(image(owner, dog=count))
    response = client.post("/subscriptions", json={"query": "Dog >= 2"})
    clock.ahead = 61

    outbox_worker.process(owner)

    assert (response.status_code, response.json()["query"], response.json()["matched"]) == (201, "dog>=2", None)
    counted = client.get(response.headers["Location"]).json()
    newest = images.search(owner, parse("dog>=2"), 1).images[0]
    cover = {"id": newest.id, **client.get(f"/images/{newest.id}").json()["links"]}
    del cover["original"]
    assert counted | {"suggestions": []} == response.json() | {"matched": 2, "cover": cover}
    assert client.get("/subscriptions").json()["subscriptions"] == [counted]
    assert client.post("/subscriptions", json={"query": "dog>=2"}).json() == counted | {"suggestions": []}


def test_subscription_to_unknown_tag_returns_suggestions_and_is_saved_only_when_asked(
    client: TestClient, images: Images, owner: str
) -> None:
    images.save(image(owner, dog=1))

    preview = client.post("/subscriptions", json={"query": "puppies", "dry_run": True})
    saved_by_preview = client.get("/subscriptions").json()
    response = client.post("/subscriptions", json={"query": "puppies"})

    assert (preview.status_code, saved_by_preview["subscriptions"], saved_by_preview["email"]) == (200, [], "none")
    assert [each["query"] for each in preview.json()["suggestions"]] == ["dog"]
    assert "Location" not in preview.headers
    assert (response.status_code, response.json()["suggestions"]) == (201, preview.json()["suggestions"])
    assert [each["query"] for each in client.get("/subscriptions").json()["subscriptions"]] == ["puppies"]


@pytest.mark.parametrize(("url", "mailbox"), [("", None), ("http://127.0.0.1:4577", "http://127.0.0.1:4577/mailbox")])
def test_list_subscriptions_contains_mailbox_only_without_mail_service(
    client: TestClient, url: str, mailbox: str | None
) -> None:
    app.dependency_overrides[provide(wiring.settings)] = lambda: replace(SETTINGS, mailbox_url=url)

    assert client.get("/subscriptions").json()["mailbox"] == mailbox


def test_email_state_is_none_until_first_subscription(client: TestClient) -> None:
    assert client.get("/subscriptions").json() == {"email": "none", "mailbox": None, "subscriptions": []}

    subscribe(client, "dog")

    assert client.get("/subscriptions").json()["email"] in {"pending", "confirmed"}  # moto confirms at once


@pytest.mark.parametrize(
    ("arn", "email"),
    [("PendingConfirmation", "pending"), ("Deleted", "none"), ("arn:aws:sns:us-east-1:123456789012:a:1", "confirmed")],
)
def test_email_state_follows_sns_subscription(client: TestClient, sns: "SNSClient", arn: str, email: str) -> None:
    topics = SnsMail(sns, SETTINGS.topic_prefix)
    app.dependency_overrides[provide(wiring.mail)] = lambda: topics
    with Stubber(sns) as stub:
        stub.add_response("list_subscriptions_by_topic", {"Subscriptions": [{"SubscriptionArn": arn}]})

        assert client.get("/subscriptions").json()["email"] == email


def test_subscribe_twice_returns_same_subscription(client: TestClient) -> None:
    assert subscribe(client, "dog, after:2026-01-31") == subscribe(client, "DOG,  after:2026-01-31")
    assert len(client.get("/subscriptions").json()["subscriptions"]) == 1


def test_subscribe_to_the_same_conditions_in_another_order_returns_the_same_subscription(client: TestClient) -> None:
    first = subscribe(client, "!car|dog, person>=2")

    for query in ("person>=2, !car|dog", "dog|!car, person>=2", "dog|!car|dog, person>=2, person>=2"):
        assert subscribe(client, query) == first
    other = subscribe(client, "!car, dog, person>=2")
    assert [each["id"] for each in client.get("/subscriptions").json()["subscriptions"]] == [first["id"], other["id"]]


def test_unsubscribe_removes_subscription(client: TestClient) -> None:
    subscription = subscribe(client, "dog")

    assert client.delete(f"/subscriptions/{subscription['id']}").status_code == 204
    assert client.delete(f"/subscriptions/{subscription['id']}").status_code == 404
    assert client.get(f"/subscriptions/{subscription['id']}").status_code == 404


@pytest.mark.parametrize(
    "body", [{"query": ""}, {"query": "dog,"}, {"query": "x" * 1001}, {}, {"query": "a", "email": "x"}]
)
def test_subscribe_with_invalid_query_returns_422(client: TestClient, body: dict[str, str]) -> None:
    assert client.post("/subscriptions", json=body).status_code == 422


def test_subscribe_beyond_limit_returns_422(client: TestClient, owner: str, subscriptions: Subscriptions) -> None:
    for number in range(MAX_SUBSCRIPTIONS):
        subscriptions.add(owner, parse(f"tag {number}"))

    response = client.post("/subscriptions", json={"query": "dog"})

    assert response.status_code == 422
    assert "at most 100" in response.json()["detail"]


def test_subscribe_with_choices_returns_them(client: TestClient, mail: Mail, owner: str) -> None:
    choices = {"name": "My\ndogs", "pinned": True, "email": False, "paused": True, "digest": "weekly"}

    response = client.post("/subscriptions", json={"query": "dog"} | choices)

    found = client.get(response.headers["Location"]).json()
    assert {name: found[name] for name in choices} == choices | {"name": "My dogs"}
    assert mail.state(owner) is EmailState.NONE


def test_change_of_some_choices_keeps_the_others(client: TestClient, mail: Mail, owner: str) -> None:
    choices = {"name": "Dogs", "pinned": True, "email": False, "paused": True, "digest": "weekly"}
    path = f"/subscriptions/{client.post('/subscriptions', json={'query': 'dog'} | choices).json()['id']}"

    client.patch(path, json={"name": "", "pinned": False}).raise_for_status()
    changed = client.patch(path, json={"email": True, "paused": False, "digest": "daily", "name": None}).json()

    expected = {"name": "", "pinned": False, "email": True, "paused": False, "digest": "daily"}
    assert {name: changed[name] for name in choices} == expected
    assert client.get(path).json() == changed
    assert client.patch(path, json={}).json() == changed
    assert mail.state(owner) is EmailState.CONFIRMED


@pytest.mark.parametrize("change", [{"digest": "hourly"}, {"query": "cat"}, {"name": "n" * 101}, {"pinned": 1}])
def test_change_that_is_not_valid_returns_422(client: TestClient, change: dict[str, object]) -> None:
    path = f"/subscriptions/{subscribe(client, 'dog')['id']}"

    assert client.patch(path, json=change).status_code == 422


def test_change_of_unknown_subscription_returns_404(client: TestClient) -> None:
    response = client.patch("/subscriptions/00000000000000000000000000", json={"name": "Dogs"})

    assert (response.status_code, response.json()["detail"]) == (404, "You have no such subscription.")


def test_cover_in_the_trash_is_not_shown(
    client: TestClient, images: Images, outbox_worker: OutboxWorker, library: Library, clock: Clock, owner: str
) -> None:
    saved = images.save(image(owner, dog=1))
    path = f"/subscriptions/{subscribe(client, 'dog')['id']}"
    clock.ahead = 61
    outbox_worker.process(owner)
    before = client.get(path).json()["cover"]["id"]

    library.trash(owner, saved.id)

    assert (before, client.get(path).json()["cover"]) == (saved.id, None)


def test_search_that_is_no_longer_valid_is_listed_with_its_fault(
    client: TestClient, subscriptions: Subscriptions, owner: str
) -> None:
    subscribe(client, "dog")
    subscriptions.put(owner, replace(subscriptions.list(owner)[0], query=None, invalid_text="dog>="))

    (found,) = client.get("/subscriptions").json()["subscriptions"]

    assert (found["query"], found["matched"], found["cover"]) == ("dog>=", None, None)
    assert found["fault"].startswith("Expected a whole number")
    assert client.delete(f"/subscriptions/{found['id']}").status_code == 204


def test_subscription_to_album_contains_its_id(client: TestClient, albums: Albums, owner: str) -> None:
    album = Album(new_id(), "Summer 2019", datetime(2026, 1, 31, tzinfo=UTC))
    albums.put(owner, album)

    saved = client.post("/subscriptions", json={"query": "album:Summer 2019"})

    assert (saved.status_code, saved.json()["query"]) == (201, f'album:"{album.id}"')
    assert saved.json()["name"] == 'album:"Summer 2019"'
    named = client.post("/subscriptions", json={"query": "album:Summer 2019, dog", "name": "Our dog"})
    assert named.json()["name"] == "Our dog"
    assert client.post("/subscriptions", json={"query": "album:Winter"}).status_code == 404


class PendingMail(SnsMail):
    """SNS with an address that is never confirmed. `sent` counts the confirmations."""

    def __init__(self) -> None:
        """Create no client of SNS."""
        self.sent = 0

    def state(self, owner: str) -> EmailState:
        return EmailState.PENDING

    def subscribe(self, owner: str, email: str, *, again: bool = False) -> EmailState:
        assert (email, again) == ("ada@example.com", True)
        self.sent += 1
        return EmailState.PENDING


def test_pending_confirmation_is_sent_again_once_a_minute(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    pending, clock = PendingMail(), StoppedClock()
    app.dependency_overrides[provide(wiring.mail)] = lambda: pending
    monkeypatch.setattr(quotas, "time", clock)

    responses = [client.post("/subscriptions/confirmation") for _ in range(3)]
    sent_in_a_minute = pending.sent
    clock.ahead += 60
    later = client.post("/subscriptions/confirmation")

    assert [response.status_code for response in responses] == [200, 429, 429]
    assert "1 confirmation e-mails per minute" in responses[1].json()["detail"]
    assert 0 < int(responses[1].headers["Retry-After"]) <= 60
    assert (responses[0].json(), sent_in_a_minute) == ({"email": "pending"}, 1)
    assert (later.status_code, pending.sent) == (200, 2)


def test_confirmation_of_confirmed_address_is_not_sent_again(client: TestClient, mail: Mail, owner: str) -> None:
    mail.subscribe(owner, "ada@example.com")

    responses = [client.post("/subscriptions/confirmation") for _ in range(2)]

    assert [response.json() for response in responses] == [{"email": "confirmed"}] * 2
