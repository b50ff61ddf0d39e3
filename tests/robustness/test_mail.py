"""SNS is down or has deleted a subscription: announcements wait and are sent once."""

from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import EndpointConnectionError

from app.domain.mail import EmailState
from tests.robustness.world import OWNER, make_world
from tests.support.aws import before, sns_client
from tests.support.photos import make_gray_jpeg
from tests.support.tokens import SETTINGS

if TYPE_CHECKING:
    from tests.robustness.world import World

PHOTO = make_gray_jpeg()
HOURS = 30


def fail_to_connect() -> None:
    raise EndpointConnectionError(endpoint_url="sns")


def is_announcement_waiting(world: "World") -> bool:
    """Return whether an outbox row of the owner is due and no e-mail was sent."""
    return {row.owner for row in world.outbox.list_due()} == {OWNER} and world.mails() == []


def test_announcement_while_sns_is_down_waits_and_is_sent_once() -> None:
    with make_world() as world:
        world.subscribe("dog")
        with before(sns_client(), "sns", fail_to_connect):
            world.add_photo(PHOTO, "beach.jpg")
            for _ in range(HOURS):
                world.clock.ahead += 3600
                world.run_schedule()
                world.clock.ahead += 3600
                assert is_announcement_waiting(world)

        world.settle()

        assert [subject for subject, _ in world.mails()] == ["New photos: dog (1)"]
        world.check()


@pytest.mark.parametrize("hours", [1, HOURS])
def test_subscribe_after_sns_deleted_the_subscription_asks_to_confirm_and_sends_the_waiting_announcement(
    hours: int,
) -> None:
    confirmations: list[str] = []
    with make_world() as world:
        world.subscribe("dog")
        topic = SETTINGS.topic_prefix + OWNER
        (subscription,) = sns_client().list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
        sns_client().unsubscribe(SubscriptionArn=subscription["SubscriptionArn"])

        world.add_photo(PHOTO, "beach.jpg")
        world.clock.ahead += hours * 3600
        world.run_schedule()
        mails, state = world.mails(), world.mail.state(OWNER)
        with before(sns_client(), "sns.Subscribe", lambda: confirmations.append("to confirm")):
            world.subscribe("dog")
        world.settle()

        assert (mails, state, confirmations) == ([], EmailState.NONE, ["to confirm"])
        assert [subject for subject, _ in world.mails()] == ["New photos: dog (1)"]
        world.check()
