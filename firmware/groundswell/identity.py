"""Who a node is, as it says in every message."""

from collections import namedtuple

Identity = namedtuple(
    "Identity",
    (
        "node_id",
        "boot_id",  # drawn at every start
        "lat_udeg",
        "lon_udeg",
        "elevation_m",
        "sensor",  # wire.SENSOR_...
    ),
)
