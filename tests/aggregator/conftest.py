from pathlib import Path

import pytest

from tests.link.broker_process import BrokerProcess, has_mosquitto


@pytest.fixture(params=["nats", "mosquitto"])
def broker(request, tmp_path: Path):
    if request.param == "mosquitto" and not has_mosquitto():
        pytest.skip('needs mosquitto: "make everything" gets it')
    process = BrokerProcess(request.param, tmp_path)
    process.start()
    yield process
    process.stop()
