import datetime

import pytest

from replay.iso_time import unix_us


@pytest.mark.parametrize(
    "text",
    [
        "2021-04-18T14:11:39.25Z",
        "2021-04-18T14:11:39.250000",
        "2021-04-18T09:11:39.25-05:00",
        "2021-04-18 14:11:39.250+00:00",
    ],
)
def test_a_time_is_utc_unless_it_says_otherwise(text: str) -> None:
    moment = datetime.datetime(2021, 4, 18, 14, 11, 39, tzinfo=datetime.UTC)

    assert unix_us(text) == int(moment.timestamp()) * 1_000_000 + 250_000


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "1969-12-31T23:59:59Z", "2100-01-01T00:00:00Z", "0001-01-01T00:00+14:00"],
)
def test_what_is_no_time_or_lies_outside_the_years_is_none(text: str) -> None:
    assert unix_us(text) is None
