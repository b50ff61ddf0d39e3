from concurrent.futures import ThreadPoolExecutor

import pytest

from app.domain.errors import TooManyRequests
from app.domain.quotas import AddressLimits, Limits, Minute, Rate

NOON = Minute.at(1_800_000_000)


@pytest.mark.parametrize(
    ("first", "second", "accepted"),
    [
        ("192.0.2.1", "192.0.2.1", 1),
        ("192.0.2.1", "192.0.2.2", 2),
        ("2001:db8::1", "2001:db8::ffff:0:0:1", 1),
        ("2001:db8::1", "2001:db8:0:1::1", 2),
        ("", "testclient", 1),
        ("", "192.0.2.1", 2),
    ],
)
def test_address_limits_count_a_network_together(first: str, second: str, accepted: int) -> None:
    limits = AddressLimits(Limits(visits_per_minute=1))
    limits.count(first, Rate.FILES, NOON)

    assert sum(is_accepted(limits, address) for address in (first, second)) == accepted
    assert is_accepted(limits, second, Minute(NOON.number + 1, 0))


def test_address_limits_in_many_threads_count_each_request_once() -> None:
    limits = AddressLimits(Limits(visits_per_minute=500))

    with ThreadPoolExecutor(8) as threads:
        accepted = sum(threads.map(lambda _: is_accepted(limits, "192.0.2.1"), range(2_000)))

    assert accepted == 500


def is_accepted(limits: AddressLimits, address: str, minute: Minute = NOON) -> bool:
    try:
        limits.count(address, Rate.VISITS, minute)
    except TooManyRequests:
        return False
    return True
