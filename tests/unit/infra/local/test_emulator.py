import os

import pytest

from infra.local.emulator import environment, variable_name


@pytest.mark.parametrize(
    ("output", "expected"),
    [("Table", "PIXTAG_TABLE"), ("UserPoolId", "PIXTAG_USER_POOL_ID"), ("JwksUrl", "PIXTAG_JWKS_URL")],
)
def test_variable_name_of_an_output_has_prefix_and_underscores(output: str, expected: str) -> None:
    assert variable_name(output) == expected


def test_environment_contains_the_emulator_and_no_setting_of_your_aws_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "work")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "secret")
    monkeypatch.setenv("PIXTAG_TABLE", "another-table")
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
