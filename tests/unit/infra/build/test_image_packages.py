import re
import tomllib

from tests.support.pixtag_commands import ROOT


def list_locked(name: str) -> set[str]:
    return set(re.findall(r"^([a-z0-9-]+)==", (ROOT / name).read_text(), re.MULTILINE))


def test_packages_that_only_the_client_imports_are_installed_but_not_in_the_image() -> None:
    (names,) = re.findall(r"^CLIENT_ONLY := (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (imported,) = [
        contract["forbidden_modules"]
        for contract in contracts
        if contract["name"].startswith("Only the client imports")
    ]

    packages = {{"yaml": "pyyaml"}.get(module, module) for module in imported}
    assert packages <= set(names.split()) <= list_locked("requirements-dev.lock")
    assert list_locked("requirements.lock").isdisjoint(names.split())
