"""The journey of `make localstack`, on MiniStack."""

import pytest

from infra.local.cloud import LocalCloud
from infra.local.emulator import CodeNotFound
from infra.local.journey import JourneyFailed, run_journey
from infra.local.program import TimedOut

STEPS = ["sign up", "upload", "tags", "search", "subscribe", "mail"]


@pytest.mark.timeout(240)
def test_journey_passes_all_steps(cloud: LocalCloud) -> None:
    steps: list[str] = []

    run_journey(cloud, lambda step, _seconds: steps.append(step))

    assert steps == STEPS


def test_step_that_fails_is_named(cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object, **_options: object) -> None:
        raise TimedOut("The image stays pending.")

    monkeypatch.setattr("infra.local.journey._upload", fail)

    with pytest.raises(JourneyFailed, match=r"The step `upload` failed: The image stays pending\."):
        run_journey(cloud, lambda _step, _seconds: None)


def test_person_on_an_emulator_that_shows_no_codes_signs_in(cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_endpoint_url: str, email: str) -> str:
        raise CodeNotFound(email)

    monkeypatch.setattr("infra.local.cloud.confirmation_code", fail)

    with cloud.person("ada@moto.example.com") as client:
        assert client.get("/auth/me").json()["email"] == "ada@moto.example.com"
