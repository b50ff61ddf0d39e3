import pytest

from app.adapters.aws import subscriptions as subscriptions_module
from app.adapters.aws.subscriptions import Subscriptions
from app.domain.errors import InvalidQuery, SubscriptionNotFound, TooManySubscriptions
from app.domain.query import parse


def test_subscriptions_are_listed_oldest_first(subscriptions: Subscriptions, owner: str) -> None:
    texts = ["dog>=2", "cat|bird, !car, after:2026-01-31", "untagged", "ant"]

    added = [subscriptions.add(owner, parse(text)) for text in texts]

    assert subscriptions.list(owner) == added
    assert [str(one.query) for one in added] == texts


def test_a_subscription_twice_is_one(subscriptions: Subscriptions, owner: str) -> None:
    once = subscriptions.add(owner, parse("dog>=2"))

    assert subscriptions.add(owner, parse("Dog : 2")) == once
    assert subscriptions.list(owner) == [once]


def test_a_subscription_is_found_by_its_id(subscriptions: Subscriptions, owner: str) -> None:
    dog, cat = (subscriptions.add(owner, parse(text)) for text in ("dog", "cat"))

    assert [subscriptions.get(owner, one.id) for one in (cat, dog)] == [cat, dog]
    with pytest.raises(SubscriptionNotFound):
        subscriptions.get("somebody else", dog.id)


def test_a_removed_subscription_is_no_longer_there(subscriptions: Subscriptions, owner: str) -> None:
    dog, cat = (subscriptions.add(owner, parse(text)) for text in ("dog", "cat"))

    subscriptions.remove(owner, dog.id)

    assert subscriptions.list(owner) == [cat]
    with pytest.raises(SubscriptionNotFound):
        subscriptions.remove(owner, dog.id)
    with pytest.raises(SubscriptionNotFound):
        subscriptions.remove(owner, "x" * 2000)


def test_what_belongs_to_somebody_else_is_neither_seen_nor_removed(subscriptions: Subscriptions, owner: str) -> None:
    mine = subscriptions.add(owner, parse("dog"))

    with pytest.raises(SubscriptionNotFound):
        subscriptions.remove("somebody else", mine.id)

    assert subscriptions.list("somebody else") == []
    assert subscriptions.list(owner) == [mine]


def test_one_subscription_too_many_is_refused_but_not_one_that_is_there(
    subscriptions: Subscriptions, owner: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subscriptions_module, "MAX_SUBSCRIPTIONS", 2)
    dog, cat = (subscriptions.add(owner, parse(text)) for text in ("dog", "cat"))

    with pytest.raises(TooManySubscriptions, match="at most 2 "):
        subscriptions.add(owner, parse("bird"))

    assert subscriptions.add(owner, parse("dog")) == dog
    assert subscriptions.list(owner) == [dog, cat]


def test_an_owner_can_have_a_hundred_subscriptions() -> None:
    assert subscriptions_module.MAX_SUBSCRIPTIONS == 100


def test_a_query_that_could_not_be_read_again_is_not_kept(subscriptions: Subscriptions, owner: str) -> None:
    swells = parse(",".join(f"{letter}{'ß' * 31}" for letter in "abcdefghijklmnopqrst"))

    with pytest.raises(InvalidQuery, match="at most 1000 characters"):
        subscriptions.add(owner, swells)

    assert subscriptions.list(owner) == []


def test_a_digest_can_be_claimed_once_a_minute(subscriptions: Subscriptions, owner: str) -> None:
    assert subscriptions.claim_digest(owner, 1000, 60) == 1000
    assert subscriptions.claim_digest(owner, 1000, 60) == 1060
    assert subscriptions.claim_digest(owner, 1059, 60) == 1119
    assert subscriptions.claim_digest(owner, 1060, 60) == 1060


def test_one_owners_digest_does_not_hold_up_anothers(subscriptions: Subscriptions, owner: str) -> None:
    subscriptions.claim_digest(owner, 1000, 60)

    assert subscriptions.claim_digest("somebody else", 1000, 60) == 1000


def test_a_digest_is_no_subscription(subscriptions: Subscriptions, owner: str) -> None:
    subscriptions.claim_digest(owner, 1000, 60)

    assert subscriptions.list(owner) == []
