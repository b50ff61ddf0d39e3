"""SNS is down, or has ended a subscription: what is to be told waits, and is told once."""

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from botocore.exceptions import EndpointConnectionError

from app.adapters.aws.topics import EmailState
from tests.robustness.world import OWNER, world
from tests.support.aws import before, sns_client

if TYPE_CHECKING:
    from tests.robustness.world import World

PHOTO = cv2.imencode(".jpg", np.full((8, 8, 3), 100, np.uint8))[1].tobytes()
HOURS = 30


def be_down() -> None:
    raise EndpointConnectionError(endpoint_url="sns")


def waits(world: "World") -> bool:
    """Whether a row of the outbox is due, and no mail was sent."""
    return {row.owner for row in world.outbox.list_due()} == {OWNER} and world.mails() == []


def test_however_long_sns_is_down_what_is_to_be_told_waits() -> None:
    with world() as made:
        made.subscribe("dog")
        with before(sns_client(), "sns", be_down):
            made.uploaded(PHOTO, "beach.jpg")
            for _ in range(HOURS):
                made.clock.ahead += 3600
                made.tick()
                made.clock.ahead += 3600
                assert waits(made)

        made.settle()

        assert [subject for subject, _ in made.mails()] == ["1 new image: dog"]
        made.check()


@pytest.mark.parametrize("hours", [1, HOURS])
def test_whose_subscription_sns_has_ended_is_asked_again_and_told_what_waited(hours: int) -> None:
    asked: list[str] = []
    with world() as made:
        made.subscribe("dog")
        topic = made.topics._arn(OWNER)  # noqa: SLF001 - SNS ends a subscription by itself, nobody asks it to
        (found,) = sns_client().list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
        sns_client().unsubscribe(SubscriptionArn=found["SubscriptionArn"])

        made.uploaded(PHOTO, "beach.jpg")
        made.clock.ahead += hours * 3600
        made.tick()
        told, state = made.mails(), made.topics.state(OWNER)
        with before(sns_client(), "sns.Subscribe", lambda: asked.append("to confirm")):
            made.subscribe("dog")
        made.settle()

        assert (told, state, asked) == ([], EmailState.NONE, ["to confirm"])
        assert [subject for subject, _ in made.mails()] == ["1 new image: dog"]
        made.check()
