from itertools import combinations

from app.adapters.aws.paging import KeyRange, Source
from app.domain.query import MAX_KEY, MIN_KEY
from tests.support.fakes import image

KEYS = sorted(
    [
        *(f"{time}#{image('o').id}" for time in ("!2106-02-07T06:28:15", "1826-01-01T00:00:00", "2019-07-28T23:59:59")),
        *(f"2019-07-28T12:00:00#01jd8xk3v5m0z8q4n2c7r9t1w{last}" for last in "012yz"),
        "2019-06-30T23:59:59#01jd8xk3v5m0z8q4n2c7r9t1wz",
        "2019-08-01T00:00:00#01jd8xk3v5m0z8q4n2c7r9t1w0",
    ]
)
BOUNDS = sorted(
    [
        *(MIN_KEY, "0", "2019-07", "2019-07~", "2019-07-28", "2019-07-28~", "2019-12", "2020-01-01", MAX_KEY),
        *(bound for key in KEYS for bound in (key, f"{key}!")),
    ]
)


def test_query_includes_exactly_the_keys_of_the_range() -> None:
    """The bounds of BETWEEN are inclusive, and DynamoDB rejects a lower bound that is greater than the upper one."""
    for start, end in combinations(BOUNDS, 2):
        values = Source("p").make_query(KeyRange(start, end))["ExpressionAttributeValues"]
        lower, upper = values[":start"]["S"], values[":end"]["S"]

        assert lower <= upper, (start, end)
        assert [key for key in KEYS if lower <= key <= upper] == [key for key in KEYS if start <= key < end]
