"""Times of an index, ISO 8601 as text, to integer Unix microseconds."""

import datetime

LATEST_US = 4_102_358_400_000_000  # a day before the last time that the wire can say
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


def unix_us(text: str) -> int | None:
    """Return a time, UTC unless it says otherwise, or None for what is no time or lies outside
    1970 to 2099: nothing of ours can have been recorded then."""
    try:
        moment = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=datetime.UTC)
    time_us = (moment - _EPOCH) // datetime.timedelta(microseconds=1)
    return time_us if 0 <= time_us <= LATEST_US else None
