import pytest

from tests.support.rendered_template import Template
from tests.support.template_resources import render_resources


@pytest.fixture(scope="module")
def resources() -> Template:
    """The resources of a stack with the default parameters."""
    return render_resources()
