from collections.abc import Iterator

import pytest

from tests.aggregator.console import browser
from tests.aggregator.console.site import Site


@pytest.fixture(scope="session")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[browser.Driver]:
    missing = browser.missing()
    if missing is not None:
        pytest.skip(f'needs {missing}: "make everything" gets it')
    found = browser.Driver(tmp_path_factory.mktemp("chromium"))
    yield found
    found.close()


@pytest.fixture(scope="session")
def window(driver: browser.Driver) -> Iterator[browser.Page]:
    """One browser for all tests: a new one takes a second."""
    found = driver.open()
    yield found
    found.close()


@pytest.fixture
def page(window: browser.Page) -> Iterator[browser.Page]:
    """What the browser complains of (an error, a breach of the security policy) fails the test."""
    window.media(prefers_color_scheme="light", prefers_reduced_motion="no-preference")
    window.size(1400, 900)
    window.timezone("")
    window.complaints()
    yield window
    complaints = window.complaints()
    window.go("about:blank")
    assert complaints == []


@pytest.fixture
def site(page: browser.Page) -> Iterator[Site]:
    """The browser leaves first: a server that is gone would be one more complaint."""
    found = Site()
    yield found
    page.go("about:blank")
    found.close()
