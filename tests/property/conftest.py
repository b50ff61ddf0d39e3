"""Settings of Hypothesis, and the schemathesis plugin, which is loaded only here because it is slow to load."""

import sys

import pytest
from hypothesis import settings

settings.register_profile("pixtag", deadline=None)
settings.load_profile("pixtag")


def pytest_plugin_registered(plugin: object, manager: pytest.PytestPluginManager) -> None:
    if plugin is sys.modules[__name__]:
        manager.import_plugin("schemathesis.pytest.plugin")
