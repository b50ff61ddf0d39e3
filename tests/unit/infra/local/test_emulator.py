import os

import pytest

from infra.local.emulator import environment, variable


@pytest.mark.parametrize(
    ("output", "expected"),
    [("Table", "PIXTAG_TABLE"), ("UserPoolId", "PIXTAG_USER_POOL_ID"), ("JwksUrl", "PIXTAG_JWKS_URL")],
)
def test_an_output_becomes_a_variable(output: str, expected: str) -> None:
    assert variable(output) == expected


def test_programs_get_the_emulator_and_nothing_of_the_persons_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "work")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "secret")
    monkeypatch.setenv("PIXTAG_TABLE", "of-another-cloud")
    monkeypatch.setenv("HOME", "/people/ada")

    variables = environment("http://127.0.0.1:4566")

    assert {name: value for name, value in variables.items() if name.startswith(("AWS_", "PIXTAG_"))} == {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:4566",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    assert variables["HOME"] == "/people/ada"
