"""Faults in every call to AWS: after a retry by SQS, the schedule or a person, the outcome is the same."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from app.adapters.aws.accounts import CognitoAccounts
from app.domain.errors import TooManyRequests
from app.domain.ports import Accounts
from tests.robustness.faults import SITES, Calls, Fault, Site, faults
from tests.robustness.scenarios import SCENARIOS, Scenario
from tests.robustness.torture import cases
from tests.robustness.world import FAILURES, DeliveryFailed, World, make_world
from tests.support.aws import TABLE_NAME, session
from tests.support.invariants import check_invariants
from tests.support.sampling import sample
from tests.support.user_pool import EMAIL, PASSWORD

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp.client import CognitoIdentityProviderClient

STRIDE = 499  # shares no factor with the number of faults, so that all faults are used


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
    return list(sample(all_pairs, STRIDE, start=len(name)))


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
    "update_user_attributes": (lambda pool: pool.change_names("a", given_name="Ada"), {}),
    "verify_user_attribute 1": (lambda pool: pool.change_address("a", "123456"), PERSON),
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
