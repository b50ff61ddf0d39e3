"""Settings of Hypothesis, and the plugin of schemathesis, which takes too long to load for every other test."""

import sys

import pytest
from hypothesis import settings

settings.register_profile("pixtag", deadline=None)
settings.load_profile("pixtag")


def pytest_plugin_registered(plugin: object, manager: pytest.PytestPluginManager) -> None:
    if plugin is sys.modules[__name__]:
        manager.import_plugin("schemathesis.pytest.plugin")
