"""Every call to AWS, gone wrong in every way: repeated by SQS, the schedule or the person, it comes to the same."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from app.adapters.aws.quotas import Rate
from app.adapters.aws.user_pool import UserPool
from app.domain.edits import TagChange
from app.domain.errors import ImageNotFound, SubscriptionNotFound, TooManyRequests
from app.domain.images import RequestId
from app.worker import TRIES
from tests.robustness.faults import SITES, Calls, Fault, Site, faults
from tests.robustness.torture import cases
from tests.robustness.world import FAILURES, OWNER, ComesAgain, World, redetect, restore, trash, world
from tests.support.aws import TABLE_NAME, session
from tests.support.invariants import check_invariants
from tests.support.sampling import rounds
from tests.support.user_pool import EMAIL, PASSWORD

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp.client import CognitoIdentityProviderClient

QUICK_STRIDE = 43  # shares no factor with the number of faults, so that each comes up
PHOTO = cv2.imencode(".jpg", np.full((8, 8, 3), 100, np.uint8))[1].tobytes()

Step = Callable[[World], object]


@dataclass(frozen=True)
class Journey:
    """What is there before, and what then is done, step by step; each is repeated until it succeeds."""

    arrange: Step
    steps: Sequence[Step]


def image_id(world: World) -> str:
    """The one that is there, whatever its state."""
    return next(world.table.list_ids(OWNER))


def send(world: World) -> None:
    world.upload(PHOTO, "beach.jpg")


def send_no_photograph(world: World) -> None:
    world.upload(b"<html>", "page.jpg")


def have_image(world: World) -> None:
    world.subscribe("dog>=2")
    world.uploaded(PHOTO, "beach.jpg")


def have_trash(world: World) -> None:
    have_image(world)
    world.library.trash(OWNER, image_id(world))


def have_sender(world: World) -> None:
    world.subscribe("dog")
    world.upload(PHOTO, "beach.jpg")


def have_two(world: World) -> None:
    have_image(world)
    world.uploaded(PHOTO + b"0", "hill.jpg")
    world.detector.sees = {"dog": 2, "cat": 1}


def on_image(act: Callable[[World, str], object]) -> Step:
    return lambda world: act(world, image_id(world))


def on_gone(act: Callable[[World, str], object]) -> Step:
    """As `on_image`; whom the first answer did not reach finds the image gone."""

    def step(world: World) -> None:
        with suppress(ImageNotFound, StopIteration):
            act(world, image_id(world))

    return step


def retag(world: World, image_id: str) -> None:
    world.library.retag(OWNER, image_id, [TagChange("dog", 1), TagChange("boat", 2)], RequestId("key", "body"))


def relabel(world: World, image_id: str) -> None:
    box = world.table.get_image(OWNER, image_id).corrected_detections[0].id
    world.library.relabel(OWNER, image_id, box, "cat")


def give_up(world: World) -> None:
    world.tries = TRIES + 1
    with suppress(ComesAgain):  # as it does, from the dead-letter queue
        world.deliver()
    world.tries = 1


def see_twice_as_many(world: World) -> None:
    have_image(world)
    world.detector.sees = {"dog": 2}


def unsubscribe(world: World) -> None:
    for one in world.subscriptions.list(OWNER):
        with suppress(SubscriptionNotFound):
            world.subscriptions.remove(OWNER, one.id)


def redetect_library(world: World) -> None:
    world.redetections.start(OWNER)


def wish_to_be_forgotten(world: World) -> None:
    world.outbox.put_account_deletion(OWNER)


def pass_hours(world: World) -> None:
    world.clock.ahead += 3 * 3600


def count_edit(world: World) -> None:
    world.quotas.count(OWNER, Rate.EDITS)
    world.quotas.require_room(OWNER)


def rename(world: World, image_id: str) -> None:
    world.library.rename_tag(OWNER, image_id, "dog", "wolf")


def purge(world: World, image_id: str) -> None:
    world.library.purge(OWNER, image_id)


def have_nothing(world: World) -> None: ...


JOURNEYS = {
    "an upload": Journey(partial(World.subscribe, text="dog"), [send, World.deliver]),
    "an upload that is no photograph": Journey(have_image, [send_no_photograph, World.deliver]),
    "an upload that is given up and brought back": Journey(have_sender, [give_up, World.deliver]),
    "bytes that are there, in the trash": Journey(have_trash, [send, World.deliver]),
    "an announcement by the schedule": Journey(see_twice_as_many, [on_image(redetect), pass_hours, World.tick]),
    "tags": Journey(have_image, [on_image(retag)]),
    "a box": Journey(have_image, [on_image(relabel)]),
    "another name": Journey(have_image, [on_image(rename)]),
    "the trash": Journey(have_image, [on_image(trash)]),
    "restoring": Journey(have_trash, [on_image(restore)]),
    "purging": Journey(have_trash, [on_gone(purge)]),
    "a subscription": Journey(have_nothing, [partial(World.subscribe, text="dog")]),
    "the end of a subscription": Journey(have_image, [unsubscribe]),
    "the library looked at again": Journey(have_two, [redetect_library, World.tick, World.deliver]),
    "an image that goes before it is looked at again": Journey(
        have_two, [redetect_library, World.tick, on_image(trash), World.deliver]
    ),
    "what is counted of an owner": Journey(have_image, [count_edit]),
    "the end of an account": Journey(
        have_two,
        [wish_to_be_forgotten, World.tick, pass_hours, World.tick, pass_hours, World.tick, pass_hours, World.tick],
    ),
}


@contextmanager
def after(journey: Journey, calls: Calls) -> Iterator[World]:
    """A world in which the journey was made, and what failed repeated."""
    with world() as made:
        journey.arrange(made)
        with calls.watched(made.clients):
            for step in journey.steps:
                try:
                    step(made)
                except (*FAILURES, ComesAgain):
                    check_invariants(TABLE_NAME)
                    step(made)
        check_invariants(TABLE_NAME)
        made.settle()
        yield made


@cache
def undisturbed(name: str) -> tuple[list[str], dict[str, Any]]:
    """The calls of a journey on which nothing happens, and what comes of it."""
    calls = Calls()
    with after(JOURNEYS[name], calls) as made:
        made.check()
        return calls.made, made.outcome()


def test_the_journeys_come_by_every_place_that_calls_aws() -> None:
    reached: set[Site] = set()
    for journey in JOURNEYS.values():
        calls = Calls()
        with after(journey, calls):
            reached |= calls.sites

    assert {site for site in SITES if site.module != "user_pool.py"} - reached == set()


def pairs(name: str) -> list[tuple[int, str, Fault]]:
    """Each call of a journey with each thing that can happen to it; by default one in `QUICK_STRIDE` of those."""
    calls, _ = undisturbed(name)
    every = [(number, call, fault) for number, call in enumerate(calls) for fault in faults(call)]
    return every[rounds(len(name), 0) % len(every) :: rounds(QUICK_STRIDE, 1)]


@pytest.mark.timeout(0)
@pytest.mark.parametrize("name", JOURNEYS)
def test_whatever_happens_to_a_call_nothing_is_lost(name: str) -> None:
    _, expected = undisturbed(name)

    for number, call, fault in pairs(name):
        cases.append(1)
        calls = Calls(number, fault)
        with after(JOURNEYS[name], calls) as disturbed:
            disturbed.check()
            assert (calls.made[number], calls.broken) == (call, True)
            assert disturbed.outcome() == expected, f"{fault} at call {number}, {call}"


TOKENS = {"AuthenticationResult": {"AccessToken": "a", "ExpiresIn": 3600, "RefreshToken": "r"}}
POLICY = {"UserPool": {"Policies": {"PasswordPolicy": {"MinimumLength": 12}}}}
PERSON = {"UserAttributes": [{"Name": "email", "Value": EMAIL}]}
# What is asked of Cognito, and how it answers.
ASKED: dict[str, tuple[Callable[[UserPool], object], dict[str, Any]]] = {
    "describe_user_pool": (lambda pool: pool.password_policy, POLICY),
    "sign_up": (lambda pool: pool.register(EMAIL, PASSWORD, given_name="Ada", family_name="L"), POLICY),
    "confirm_sign_up": (lambda pool: pool.confirm(EMAIL, "123456"), {}),
    "resend_confirmation_code": (lambda pool: pool.resend_code(EMAIL), {}),
    "forgot_password": (lambda pool: pool.request_password_reset(EMAIL), {}),
    "confirm_forgot_password": (lambda pool: pool.reset_password(EMAIL, "123456", PASSWORD), POLICY),
    "initiate_auth": (lambda pool: pool.sign_in(EMAIL, PASSWORD), TOKENS),
    "initiate_auth again": (lambda pool: pool.refresh("r"), TOKENS),
    "revoke_token": (lambda pool: pool.revoke("r"), {}),
    "get_user": (lambda pool: pool.get_account("a"), PERSON),
    "delete_user": (lambda pool: pool.delete_account("a"), {}),
}


def pool_that_answers(answer: dict[str, Any]) -> "tuple[CognitoIdentityProviderClient, UserPool]":
    client = session().client("cognito-idp")

    def answered(**_: object) -> Any:
        return AWSResponse("", 200, HTTPHeaders(), None), answer

    client.meta.events.register("before-call", answered)
    return client, UserPool(client, pool_id="pool", client_id="client")


@pytest.mark.parametrize("fault", [fault for fault in Fault if fault is not Fault.SENT_TWICE])
@pytest.mark.parametrize("name", ASKED)
def test_whatever_happens_to_a_call_of_cognito_is_told_and_can_be_repeated(name: str, fault: Fault) -> None:
    ask, answer = ASKED[name]
    client, pool = pool_that_answers(answer)
    if name in {"sign_up", "confirm_forgot_password"}:
        assert pool.password_policy.min_length == 12  # asked for once, and kept
    calls = Calls(0, fault)

    with calls.watched([client]):
        with pytest.raises((TooManyRequests, *FAILURES)):
            ask(pool)
        ask(pool)

    assert calls.broken
    assert len(calls.sites & SITES) == 1


def test_cognito_is_asked_for_all_that_it_is_called_for() -> None:
    called = [site.call for site in SITES if site.module == "user_pool.py"]

    assert sorted(name.partition(" ")[0] for name in ASKED) == sorted(called)
