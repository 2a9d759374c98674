"""The ledger's running service, and GrowthService with short arguments."""

from typing import Any

import pytest
from dangol.offers.v1 import growth_service_pb2 as pb
from dangol.offers.v1.growth_service_pb2_grpc import GrowthServiceStub
from dangol_service_kit.auth import Role

from tests.integration.offers.ledger.conftest import shop

__all__ = ["growth", "shop"]


class Growth:
    """Every call is made as a marketer unless said otherwise."""

    def __init__(self, shop: Any) -> None:
        self.shop = shop
        self.stub = GrowthServiceStub(shop.channel)

    async def spread(self, token: str = "", **wanted: Any) -> Any:
        """The report of all gifts, or of those that are named."""
        request = pb.ReportSpreadRequest(**wanted)
        token = token or self.shop.token(Role.MARKETER)
        return await self.shop.send(self.stub.ReportSpread, request, token)


@pytest.fixture
async def growth(shop: Any) -> Growth:
    """A shop whose gifts are reported."""
    return Growth(shop)
