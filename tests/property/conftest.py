"""Settings of Hypothesis, and the schemathesis plugin, which is loaded only here because it is slow to load.

`make test` uses the same examples each time, so that a change is not refused for a fault that was there before. `make
torture` uses new ones. No test fails because the machine is slow.
"""

import sys

import pytest
from hypothesis import HealthCheck, settings

from tests.support.sampling import TORTURE

settings.register_profile(
    "pixtag", deadline=None, derandomize=not TORTURE, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("pixtag")


def pytest_plugin_registered(plugin: object, manager: pytest.PytestPluginManager) -> None:
    if plugin is sys.modules[__name__]:
        manager.import_plugin("schemathesis.pytest.plugin")
