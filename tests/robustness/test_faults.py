"""Faults in every call to AWS: after a retry by SQS, the schedule or a person, the outcome is the same."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from app.adapters.aws.accounts import CognitoAccounts
from app.domain.edits import TagChange
from app.domain.errors import ImageNotFound, SubscriptionNotFound, TooManyRequests
from app.domain.ids import Rendition
from app.domain.images import RequestId
from app.domain.ports import Accounts
from app.domain.quotas import Rate
from app.services.queue_worker import TRIES
from tests.robustness.faults import SITES, Calls, Fault, Site, faults
from tests.robustness.torture import cases
from tests.robustness.world import FAILURES, OWNER, DeliveryFailed, World, make_world, redetect, restore, trash
from tests.support.aws import TABLE_NAME, session
from tests.support.fakes import PHOTO_METADATA
from tests.support.invariants import check_invariants
from tests.support.photos import make_gray_jpeg
from tests.support.sampling import rounds
from tests.support.user_pool import EMAIL, PASSWORD

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp.client import CognitoIdentityProviderClient

QUICK_STRIDE = 83  # shares no factor with the number of faults, so that all faults are used
PHOTO = make_gray_jpeg()

Step = Callable[[World], object]


@dataclass(frozen=True)
class Scenario:
    """A function that prepares a world, and steps that run in it. A step that fails is repeated once."""

    arrange: Step
    steps: Sequence[Step]


def image_id(world: World) -> str:
    """Return the id of the first image, in any state."""
    return next(world.images.list_ids(OWNER))


def upload_photo(world: World) -> None:
    world.upload(PHOTO, "beach.jpg")


def upload_page(world: World) -> None:
    world.upload(b"<html>", "page.jpg")


def add_image(world: World) -> None:
    world.subscribe("dog>=2")
    world.add_photo(PHOTO, "beach.jpg")


def add_trashed_image(world: World) -> None:
    add_image(world)
    world.library.trash(OWNER, image_id(world))


def add_image_without_original(world: World) -> None:
    add_image(world)
    world.objects.delete(Rendition.ORIGINAL.key(OWNER, image_id(world)))


def add_pending_image(world: World) -> None:
    world.subscribe("dog")
    world.upload(PHOTO, "beach.jpg")


def add_two_images(world: World) -> None:
    add_image(world)
    world.add_photo(PHOTO + b"0", "hill.jpg")
    world.detector.sees = {"dog": 2, "cat": 1}


def on_image(act: Callable[[World, str], object]) -> Step:
    """Return a step that acts on the first image."""
    return lambda world: act(world, image_id(world))


def on_deleted_image(act: Callable[[World, str], object]) -> Step:
    """Return a step as `on_image` that accepts a deleted image: on a retry, only the response may have been lost."""

    def step(world: World) -> None:
        with suppress(ImageNotFound, StopIteration):
            act(world, image_id(world))

    return step


def retag(world: World, image_id: str) -> None:
    world.library.retag(OWNER, image_id, [TagChange("dog", 1), TagChange("boat", 2)], RequestId("key", "body"))


def relabel(world: World, image_id: str) -> None:
    detection = world.images.get_image(OWNER, image_id).corrected_detections[0]
    world.library.relabel(OWNER, image_id, detection.id, "cat")


def give_up(world: World) -> None:
    world.tries = TRIES + 1
    with suppress(DeliveryFailed):  # the message goes to the dead-letter queue
        world.deliver()
    world.tries = 1


def add_image_with_new_detections(world: World) -> None:
    add_image(world)
    world.detector.sees = {"dog": 2}


def unsubscribe(world: World) -> None:
    for subscription in world.subscriptions.list(OWNER):
        with suppress(SubscriptionNotFound):
            world.subscriptions.remove(OWNER, subscription.id)


def redetect_library(world: World) -> None:
    world.redetections.start(OWNER)


def add_located_images(world: World) -> None:
    add_two_images(world)
    for image_id in world.images.list_ids(OWNER):
        before = world.images.get_image(OWNER, image_id)
        world.images.save(replace(before, metadata=PHOTO_METADATA), before)


def remove_positions(world: World) -> None:
    world.preferences.choose(OWNER, remove_positions=True)


def delete_account(world: World) -> None:
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


def add_nothing(world: World) -> None: ...


SCENARIOS = {
    "upload a photo": Scenario(partial(World.subscribe, text="dog"), [upload_photo, World.deliver]),
    "upload a file that is not a photo": Scenario(add_image, [upload_page, World.deliver]),
    "give up an upload and redrive it": Scenario(add_pending_image, [give_up, World.deliver]),
    "upload the photo of a trashed image": Scenario(add_trashed_image, [upload_photo, World.deliver]),
    "upload the photo of a lost original": Scenario(add_image_without_original, [upload_photo, World.deliver]),
    "announce by the schedule": Scenario(
        add_image_with_new_detections, [on_image(redetect), pass_hours, World.run_schedule]
    ),
    "retag": Scenario(add_image, [on_image(retag)]),
    "relabel": Scenario(add_image, [on_image(relabel)]),
    "rename a tag": Scenario(add_image, [on_image(rename)]),
    "trash": Scenario(add_image, [on_image(trash)]),
    "restore": Scenario(add_trashed_image, [on_image(restore)]),
    "purge": Scenario(add_trashed_image, [on_deleted_image(purge)]),
    "subscribe": Scenario(add_nothing, [partial(World.subscribe, text="dog")]),
    "unsubscribe": Scenario(add_image, [unsubscribe]),
    "redetect the library": Scenario(add_two_images, [redetect_library, World.run_schedule, World.deliver]),
    "trash an image before its redetection": Scenario(
        add_two_images, [redetect_library, World.run_schedule, on_image(trash), World.deliver]
    ),
    "remove positions": Scenario(add_located_images, [remove_positions, pass_hours, World.run_schedule]),
    "count an edit": Scenario(add_image, [count_edit]),
    "delete the account": Scenario(
        add_two_images,
        [
            *(delete_account, World.run_schedule, pass_hours, World.run_schedule),
            *(pass_hours, World.run_schedule, pass_hours, World.run_schedule),
        ],
    ),
}


@contextmanager
def run_scenario(scenario: Scenario, calls: Calls) -> Iterator[World]:
    """Yield the world after the scenario, in which steps that failed were repeated."""
    with make_world() as world:
        scenario.arrange(world)
        with calls.watch(world.clients):
            for step in scenario.steps:
                try:
                    step(world)
                except (*FAILURES, DeliveryFailed):
                    check_invariants(TABLE_NAME)
                    step(world)
        check_invariants(TABLE_NAME)
        world.settle()
        yield world


@cache
def run_without_fault(name: str) -> tuple[Calls, dict[str, Any]]:
    """Return the calls and the outcome of a scenario without a fault."""
    calls = Calls()
    with run_scenario(SCENARIOS[name], calls) as world:
        world.check()
        return calls, world.outcome()


def test_scenarios_reach_every_call_site() -> None:
    reached: set[Site] = set()
    for name in SCENARIOS:
        calls, _ = run_without_fault(name)
        reached |= calls.sites

    others = {"accounts.py", "backups.py", "row_snapshots.py"}  # see below, and the tests of backups and the doctor
    sites = {site for site in SITES if site.module not in others and site.call != "get_queue_attributes"}
    assert sites - reached == set()


def pairs(name: str) -> list[tuple[int, str, Fault]]:
    """Return the number and name of each call of a scenario with each fault; by default, a sample of them."""
    calls, _ = run_without_fault(name)
    all_pairs = [(number, call, fault) for number, call in enumerate(calls.made) for fault in faults(call)]
    return all_pairs[rounds(len(name), 0) % len(all_pairs) :: rounds(QUICK_STRIDE, 1)]


@pytest.mark.timeout(0)
@pytest.mark.parametrize("name", SCENARIOS)
def test_scenario_with_a_fault_at_any_call_has_the_same_outcome(name: str) -> None:
    _, expected = run_without_fault(name)

    for number, call, fault in pairs(name):
        cases.append(1)
        calls = Calls(number, fault)
        with run_scenario(SCENARIOS[name], calls) as world:
            world.check()
            assert (calls.made[number], calls.failed) == (call, True)
            assert world.outcome() == expected, f"{fault} at call {number}, {call}"


TOKENS = {"AuthenticationResult": {"AccessToken": "a", "ExpiresIn": 3600, "RefreshToken": "r"}}
POLICY = {"UserPool": {"Policies": {"PasswordPolicy": {"MinimumLength": 12}}}}
PERSON = {"UserAttributes": [{"Name": "email", "Value": EMAIL}]}
OPEN_POOL = POLICY | PERSON


def confirm(pool: Accounts) -> None:
    pool.confirm(EMAIL, "123456", PASSWORD, given_name="Ada")


def change_password(pool: Accounts) -> None:
    pool.change_password("a", PASSWORD, PASSWORD)


# The calls of the user pool, and Cognito's responses. A call that follows others has its number behind a space.
POOL_CALLS: dict[str, tuple[Callable[[Accounts], object], dict[str, Any]]] = {
    "describe_user_pool": (lambda pool: pool.password_policy, POLICY),
    "sign_up": (lambda pool: pool.register(EMAIL, PASSWORD, given_name="Ada", family_name="L"), POLICY),
    "confirm_sign_up": (confirm, POLICY),
    "admin_set_user_password 1": (confirm, POLICY),
    "admin_user_global_sign_out 2": (confirm, POLICY),
    "admin_update_user_attributes 3": (confirm, POLICY),
    "resend_confirmation_code": (lambda pool: pool.resend_code(EMAIL), {}),
    "forgot_password": (lambda pool: pool.request_password_reset(EMAIL), {}),
    "confirm_forgot_password": (lambda pool: pool.reset_password(EMAIL, "123456", PASSWORD), POLICY),
    "admin_user_global_sign_out 1": (lambda pool: pool.reset_password(EMAIL, "123456", PASSWORD), POLICY),
    "change_password 1": (change_password, OPEN_POOL),
    "global_sign_out": (lambda pool: pool.end_sessions("a"), {}),
    "initiate_auth": (lambda pool: pool.sign_in(EMAIL, PASSWORD), TOKENS),
    "initiate_auth to refresh": (lambda pool: pool.refresh("r"), TOKENS),
    "revoke_token": (lambda pool: pool.revoke("r"), {}),
    "get_user": (lambda pool: pool.get_account("a"), PERSON),
    "delete_user": (lambda pool: pool.delete_account("a"), {}),
}


def make_pool(response: dict[str, Any]) -> "tuple[CognitoIdentityProviderClient, Accounts]":
    client = session().client("cognito-idp")

    def respond(**_: object) -> Any:
        return AWSResponse("", 200, HTTPHeaders(), None), response

    client.meta.events.register("before-call", respond)
    return client, CognitoAccounts(client, pool_id="pool", client_id="client")


@pytest.mark.parametrize("fault", [fault for fault in Fault if fault is not Fault.SENT_TWICE])
@pytest.mark.parametrize("name", POOL_CALLS)
def test_user_pool_call_with_a_fault_raises_and_succeeds_when_repeated(name: str, fault: Fault) -> None:
    call, response = POOL_CALLS[name]
    client, pool = make_pool(response)
    site, _, number = name.partition(" ")
    if "UserPool" in response and name != "describe_user_pool":
        assert pool.password_policy.min_length == 12  # read once and cached
    calls = Calls(int(number) if number.isdigit() else 0, fault)

    with calls.watch([client]):
        with pytest.raises((TooManyRequests, *FAILURES)):
            call(pool)
        call(pool)

    assert calls.failed
    assert site in {each.call for each in calls.sites & SITES}


def test_pool_calls_contain_every_call_site() -> None:
    expected = [site.call for site in SITES if site.module == "accounts.py"]

    assert sorted(name.partition(" ")[0] for name in POOL_CALLS) == sorted(expected)
