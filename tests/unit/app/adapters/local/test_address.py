from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

from app.adapters.local.address import DEFAULT, address, use_address

PUBLIC = "https://photos.example.org"


def test_address_outside_a_request_is_the_default() -> None:
    assert address() == DEFAULT


def test_use_address_ends_with_its_context() -> None:
    with use_address(PUBLIC):
        assert address() == PUBLIC

    assert address() == DEFAULT


def test_use_address_reaches_only_threads_of_the_same_request() -> None:
    with use_address(PUBLIC), ThreadPoolExecutor(1) as executor:
        same = executor.submit(copy_context().run, address).result()
        other = executor.submit(address).result()

    assert (same, other) == (PUBLIC, DEFAULT)
