from dataclasses import MISSING, asdict, fields, replace
from pathlib import Path

import pytest

from app.settings import AwsSettings, InvalidSettings, LocalSettings, read_settings
from tests.support.tokens import SETTINGS

AWS = {f"PIXTAG_{name.upper()}": str(value) for name, value in asdict(SETTINGS).items()}


def read_local(**variables: str) -> LocalSettings:
    settings = read_settings(variables)
    assert isinstance(settings, LocalSettings)
    return settings


def test_read_settings_without_variables_runs_on_one_machine() -> None:
    settings = read_local(HOME="/people/ada")

    assert (settings.data, settings.url, settings.smtp_url) == (Path("pixtag-data"), "", None)
    assert settings.ui_url == "http://127.0.0.1:8000"
    assert settings.mailbox_url == "http://127.0.0.1:8000"
    assert not settings.is_public


NAMES = {field.name for field in fields(AwsSettings) if field.default is MISSING}


@pytest.mark.parametrize("environment", [{}, AWS])
def test_read_settings_with_a_limit_per_day_keeps_the_stores(environment: dict[str, str]) -> None:
    default = read_settings(environment)
    settings = read_settings(environment | {"PIXTAG_UPLOAD_GB_PER_DAY": " 7 "})

    assert default.upload_gb_per_day == (100 if environment else 500)
    assert settings == replace(default, upload_gb_per_day=7)


@pytest.mark.parametrize("limit", ["0", "1000001", "many", "1.5", "", "²"])
def test_read_settings_with_a_wrong_limit_per_day_names_it(limit: str) -> None:
    with pytest.raises(InvalidSettings, match="PIXTAG_UPLOAD_GB_PER_DAY: "):
        read_settings({"PIXTAG_UPLOAD_GB_PER_DAY": limit})


def test_read_settings_with_the_names_of_aws_runs_on_aws() -> None:
    assert read_settings(AWS) == SETTINGS


@pytest.mark.parametrize("name", sorted(NAMES))
def test_read_settings_with_a_missing_name_of_aws_names_it(name: str) -> None:
    variable = f"PIXTAG_{name.upper()}"

    with pytest.raises(InvalidSettings, match=f"{variable}: Field required"):
        read_settings({key: value for key, value in AWS.items() if key != variable})


@pytest.mark.parametrize("name", sorted(NAMES - {"mailbox_url"}))
def test_read_settings_with_an_empty_name_of_aws_names_it(name: str) -> None:
    variable = f"PIXTAG_{name.upper()}"

    with pytest.raises(InvalidSettings, match=f"{variable}: String should have at least 1 character"):
        read_settings(AWS | {variable: ""})


def test_read_settings_without_variables_in_lambda_raises_invalid_settings() -> None:
    with pytest.raises(InvalidSettings, match="PIXTAG_TABLE: Field required"):
        read_settings({"AWS_LAMBDA_FUNCTION_NAME": "pixtag-api"})


@pytest.mark.parametrize("variables", [{}, AWS], ids=["one machine", "aws"])
@pytest.mark.parametrize(
    ("text", "registration"),
    [
        (" Open ", "open"),
        ("closed", "closed"),
        ("Anna@Example.org, @example.net", "anna@example.org, @example.net"),
        ("@example.net", "@example.net"),
    ],
)
def test_registration_is_a_word_or_a_list_in_lower_case(
    variables: dict[str, str], text: str, registration: str
) -> None:
    assert read_settings(variables | {"PIXTAG_REGISTRATION": text}).registration == registration


@pytest.mark.parametrize("text", ["", "yes", "example.net", "anna@example.org,", "anna@nowhere", "open, @example.net"])
def test_registration_of_another_form_raises_invalid_settings(text: str) -> None:
    with pytest.raises(InvalidSettings, match=r"PIXTAG_REGISTRATION: Use open, closed, or a list such as anna@"):
        read_local(PIXTAG_REGISTRATION=text)


def test_read_settings_of_both_kinds_raises_invalid_settings() -> None:
    with pytest.raises(InvalidSettings, match="Set either PIXTAG_DATA or the settings of AWS, not both: PIXTAG_TABLE"):
        read_settings({"PIXTAG_DATA": "data", "PIXTAG_TABLE": "photos"})


@pytest.mark.parametrize(
    ("text", "url", "is_public"),
    [
        ("https://photos.example.com", "https://photos.example.com", True),
        ("https://photos.example.com/", "https://photos.example.com", True),
        ("HTTPS://Photos.Example.com", "https://photos.example.com", True),
        ("http://photos.example.com:8080", "http://photos.example.com:8080", True),
        ("https://192.0.2.1", "https://192.0.2.1", True),
        ("https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443", True),
        ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example", True),
        ("http://nas", "http://nas", True),
        ("http://127.0.0.1:9000", "http://127.0.0.1:9000", False),
        ("https://localhost:8443", "https://localhost:8443", False),
        ("http://[::1]:8000", "http://[::1]:8000", False),
    ],
)
def test_url_is_normalized(text: str, url: str, *, is_public: bool) -> None:
    settings = read_local(PIXTAG_URL=text)

    assert (settings.url, settings.is_public) == (url, is_public)
    assert settings.mailbox_url == ("" if is_public else url)


@pytest.mark.parametrize(
    "text",
    [
        "photos.example.com",
        "ftp://photos.example.com",
        "https://",
        "https:///",
        "https://photos.example.com/pixtag",
        "https://photos.example.com//",
        "https://photos.example.com?x=1",
        "https://photos.example.com#top",
        "https://ada@photos.example.com",
        "https://ada:secret@photos.example.com",
        "https://photos.example.com:",
        "https://photos.example.com:0",
        "https://photos.example.com:65536",
        "https://photos.example.com:http",
        "https://.example.com",
        "https://-",
        "https://photos example.com",
        "https://photos.example.com\nX: y",
        "https://photos.example.com; script-src *",
        "https://bücher.example",
        "https://[::1",
        "*",
    ],
)
def test_url_that_is_not_an_origin_raises_invalid_settings(text: str) -> None:
    with pytest.raises(InvalidSettings) as error:
        read_settings({"PIXTAG_URL": text})

    assert str(error.value) == (
        "These settings are missing or not valid: PIXTAG_URL: Use an address without a path, such as"
        " https://photos.example.com."
    )


def test_smtp_server_turns_the_mailbox_off() -> None:
    settings = read_local(PIXTAG_SMTP_URL="smtps://ada:secret@mail.example.com")

    assert settings.mailbox_url == ""
    assert "secret" not in repr(settings)


@pytest.mark.parametrize(
    ("text", "origins"),
    [
        ("", ()),
        (" ", ()),
        ("https://app.example.com", ("https://app.example.com",)),
        (" HTTPS://App.Example.com/ ,http://localhost:5173", ("https://app.example.com", "http://localhost:5173")),
        ("https://a.example:443, http://a.example:80", ("https://a.example", "http://a.example")),
        ("https://a.example,https://a.example/", ("https://a.example",)),
    ],
)
@pytest.mark.parametrize("environment", [{}, AWS])
def test_origins_are_read_as_browsers_write_them(
    environment: dict[str, str], text: str, origins: tuple[str, ...]
) -> None:
    assert read_settings(environment | {"PIXTAG_CORS_ORIGINS": text}).origins == origins


@pytest.mark.parametrize(
    "text",
    [
        *(
            "*",
            "null",
            "app.example.com",
            "https://",
            "https://*.example.com",
            "ftp://a.example",
            "https://a.example/b",
        ),
        *(
            "https://a.example,",
            ",",
            "https://a.example https://b.example",
            "https://u@a.example",
            "https://\u00e4.example",
        ),
        *("https://a.example:0", "https://a.example:65536", "https://a.example?b", "https://a.example,*"),
    ],
)
def test_origins_that_are_no_origins_are_named(text: str) -> None:
    with pytest.raises(InvalidSettings, match="PIXTAG_CORS_ORIGINS: Use a list of origins"):
        read_settings({"PIXTAG_CORS_ORIGINS": text})
