from dataclasses import replace

import pytest

from app.domain import subscriptions as subscriptions_module
from app.domain.errors import InvalidQuery, SubscriptionNotFound, TooManySubscriptions
from app.domain.ports import Subscriptions
from app.domain.query import parse
from app.domain.subscriptions import Choices, Frequency


def test_list_returns_the_oldest_first(subscriptions: Subscriptions, owner: str) -> None:
    texts = ["dog>=2", "cat|bird, !car, taken>=2026-01-31", "untagged", "ant"]

    added = [subscriptions.add(owner, parse(text)) for text in texts]

    assert subscriptions.list(owner) == added
    assert [str(subscription.query) for subscription in added] == texts


def test_add_of_equal_query_returns_the_existing_subscription(subscriptions: Subscriptions, owner: str) -> None:
    subscription = subscriptions.add(owner, parse("dog>=2"))

    assert subscriptions.add(owner, parse("Dog : 2")) == subscription
    assert subscriptions.list(owner) == [subscription]


def test_get_returns_the_subscription_with_the_id(subscriptions: Subscriptions, owner: str) -> None:
    dog, cat = (subscriptions.add(owner, parse(text)) for text in ("dog", "cat"))

    assert [subscriptions.get(owner, each.id) for each in (cat, dog)] == [cat, dog]
    with pytest.raises(SubscriptionNotFound):
        subscriptions.get("another owner", dog.id)


def test_remove_of_removed_or_unknown_subscription_raises_subscription_not_found(
    subscriptions: Subscriptions, owner: str
) -> None:
    dog, cat = (subscriptions.add(owner, parse(text)) for text in ("dog", "cat"))

    subscriptions.remove(owner, dog.id)

    assert subscriptions.list(owner) == [cat]
    with pytest.raises(SubscriptionNotFound):
        subscriptions.remove(owner, dog.id)
    with pytest.raises(SubscriptionNotFound):
        subscriptions.remove(owner, "x" * 2000)


def test_remove_of_subscription_of_another_owner_raises_subscription_not_found(
    subscriptions: Subscriptions, owner: str
) -> None:
    subscription = subscriptions.add(owner, parse("dog"))

    with pytest.raises(SubscriptionNotFound):
        subscriptions.remove("another owner", subscription.id)

    assert subscriptions.list("another owner") == []
    assert subscriptions.list(owner) == [subscription]


def test_add_at_the_limit_rejects_only_new_queries(
    subscriptions: Subscriptions, owner: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subscriptions_module, "MAX_SUBSCRIPTIONS", 2)
    dog, cat = (subscriptions.add(owner, parse(text)) for text in ("dog", "cat"))

    with pytest.raises(TooManySubscriptions, match="at most 2 "):
        subscriptions.add(owner, parse("bird"))

    assert subscriptions.add(owner, parse("dog")) == dog
    assert subscriptions.list(owner) == [dog, cat]


def test_max_subscriptions_is_a_hundred() -> None:
    assert subscriptions_module.MAX_SUBSCRIPTIONS == 100


def test_add_of_query_too_long_in_stored_form_raises_invalid_query(subscriptions: Subscriptions, owner: str) -> None:
    query = parse(",".join(f"{letter}{'ß' * 31}" for letter in "abcdefghijklmnopqrst"))

    with pytest.raises(InvalidQuery, match="at most 1000 characters"):
        subscriptions.add(owner, query)

    assert subscriptions.list(owner) == []


def test_claim_digest_is_granted_once_per_cooldown(subscriptions: Subscriptions, owner: str) -> None:
    assert subscriptions.claim_digest(owner, 1000, 60) == 1000
    assert subscriptions.claim_digest(owner, 1000, 60) == 1060
    assert subscriptions.claim_digest(owner, 1059, 60) == 1119
    assert subscriptions.claim_digest(owner, 1060, 60) == 1060


def test_claim_digest_does_not_delay_other_owners(subscriptions: Subscriptions, owner: str) -> None:
    subscriptions.claim_digest(owner, 1000, 60)

    assert subscriptions.claim_digest("another owner", 1000, 60) == 1000


def test_list_after_claim_digest_is_empty(subscriptions: Subscriptions, owner: str) -> None:
    subscriptions.claim_digest(owner, 1000, 60)

    assert subscriptions.list(owner) == []


def test_change_returns_the_subscription_and_keeps_other_choices(subscriptions: Subscriptions, owner: str) -> None:
    dog = subscriptions.add(owner, parse("dog"), Choices("Dogs", pinned=True, digest=Frequency.WEEKLY))

    first = subscriptions.change(owner, dog.id, {"paused": True, "digest": Frequency.DAILY})
    second = subscriptions.change(owner, dog.id, {"title": "", "email": False})

    assert first.choices == Choices("Dogs", pinned=True, paused=True, digest=Frequency.DAILY)
    assert second.choices == Choices(pinned=True, email=False, paused=True, digest=Frequency.DAILY)
    assert subscriptions.list(owner) == [second] == [subscriptions.change(owner, dog.id, {})]


@pytest.mark.parametrize("key", ["0" * 26, "x" * 2000])
def test_change_of_unknown_subscription_raises_subscription_not_found(
    subscriptions: Subscriptions, owner: str, key: str
) -> None:
    dog = subscriptions.add("another owner", parse("dog"))

    for each in (key, dog.id):
        with pytest.raises(SubscriptionNotFound):
            subscriptions.change(owner, each, {"pinned": True})

    assert subscriptions.list(owner) == []
    assert subscriptions.list("another owner") == [dog]


def test_search_that_is_no_longer_valid_is_read_with_its_text(subscriptions: Subscriptions, owner: str) -> None:
    dog = subscriptions.add(owner, parse("dog"))
    subscriptions.put(owner, replace(dog, query=None, invalid_text="dog>="))

    (found,) = subscriptions.list(owner)

    assert (found.query, found.text, bool(found.fault)) == (None, "dog>=", True)
    assert subscriptions.get(owner, dog.id) == found
