"""The discovery document is kept for a while, and so is a failure for a moment."""

import asyncio

import pytest
from tests.status.sign_in.conftest import Provider
from tests.support.issuer import DISCOVERY, Answer

from chassis.access.json_documents import NoDocument
from chassis.access.openid_provider import client
from status.sign_in.discovery import FAILED_SECONDS, KEPT_SECONDS, Discovery


class Clock:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_document_is_kept_for_ten_seconds(provider: Provider) -> None:
    async def scenario() -> None:
        clock = Clock()
        discovery = Discovery(provider.url, clock)
        async with client() as http:
            for later, requests in ((0.0, 1), (KEPT_SECONDS - 1, 1), (2.0, 2)):
                clock.now += later
                assert (await discovery.document(http))["issuer"] == provider.url
                assert provider.requests.count(DISCOVERY) == requests

    assert KEPT_SECONDS == 10
    asyncio.run(scenario())


def test_a_failure_is_kept_for_a_moment(provider: Provider) -> None:
    async def scenario() -> None:
        clock = Clock()
        discovery = Discovery(provider.url, clock)
        provider.answers[DISCOVERY] = Answer(500)
        async with client() as http:
            for _ in range(3):
                with pytest.raises(NoDocument, match="status 500"):
                    await discovery.document(http)
            assert provider.requests.count(DISCOVERY) == 1
            del provider.answers[DISCOVERY]
            clock.now += FAILED_SECONDS
            assert (await discovery.document(http))["issuer"] == provider.url

    asyncio.run(scenario())


def test_all_who_wait_share_one_request_and_one_who_goes_away_stops_nobody(provider: Provider) -> None:
    async def scenario() -> None:
        discovery = Discovery(provider.url)
        async with client() as http:
            waiting = [asyncio.create_task(discovery.document(http)) for _ in range(10)]
            await asyncio.sleep(0)
            waiting[0].cancel()
            found = await asyncio.gather(*waiting, return_exceptions=True)
        assert isinstance(found[0], asyncio.CancelledError)
        assert all(isinstance(one, dict) for one in found[1:])
        assert provider.requests.count(DISCOVERY) == 1

    asyncio.run(scenario())
