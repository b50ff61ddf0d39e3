import pytest


@pytest.fixture(autouse=True)
def no_data_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unset the data folder, and restore it after the test, because the option `--data` of a command sets it."""
    monkeypatch.setenv("PIXTAG_DATA", "")
    monkeypatch.delenv("PIXTAG_DATA")
