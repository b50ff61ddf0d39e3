import os
from pathlib import Path

import pytest

from infra.local import emulator
from infra.local.emulator import EmulatorMissing, environment, ministack, variable_name
from infra.local.endpoints import list_service_endpoints


@pytest.mark.parametrize(
    ("output", "expected"),
    [("Table", "PIXTAG_TABLE"), ("UserPoolId", "PIXTAG_USER_POOL_ID"), ("JwksUrl", "PIXTAG_JWKS_URL")],
)
def test_variable_name_of_an_output_has_prefix_and_underscores(output: str, expected: str) -> None:
    assert variable_name(output) == expected


@pytest.fixture(autouse=True)
def no_service_endpoints(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in {"AWS_ENDPOINT_URL_S3", *list_service_endpoints(os.environ)}:
        monkeypatch.delenv(name, raising=False)


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


def test_environment_passes_the_emulators_of_single_services_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:5000")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "")

    variables = environment("http://127.0.0.1:4566")

    assert {name: url for name, url in variables.items() if name.startswith("AWS_ENDPOINT_URL_")} == {
        "AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:5000"
    }


def test_ministack_that_is_not_installed_says_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(emulator, "MINISTACK_ENVIRONMENT", tmp_path)

    with pytest.raises(EmulatorMissing, match=r"Run `make \.venv-ministack/installed`\."):
        ministack(tmp_path, 4566)
