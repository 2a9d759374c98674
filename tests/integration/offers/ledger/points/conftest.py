"""PointsService of a running ledger, with short arguments."""

from typing import Any

import pytest
from dangol.offers.v1 import points_service_pb2 as pb
from dangol.offers.v1.points_service_pb2_grpc import PointsServiceStub
from dangol_service_kit.auth import Role

from tests.integration.offers.ledger.conftest import new_id, won


class Points:
    """Every call is made as a partner unless said otherwise; ann is the customer."""

    def __init__(self, shop: Any) -> None:
        self.shop = shop
        self.stub = PointsServiceStub(shop.channel)

    async def send(self, method: str, request: Any, token: str = "") -> Any:
        """One call."""
        return await self.shop.send(getattr(self.stub, method), request, token)

    async def set_program(self, *, tenant: str = "shop", version: int = 0, **terms: Any) -> Any:
        """10 points for each 1,000 won; gifts of 500 points a day."""
        wanted = {"points": 10, "per_amount": won(1_000), "gift_daily_points": 500, **terms}
        request = pb.SetPointsProgramRequest(
            request_id=new_id(), program=pb.PointsProgram(**wanted), expected_version=version
        )
        token = self.shop.token(Role.ADMIN, tenant=tenant)
        return await self.send("SetPointsProgram", request, token)

    async def earn(self, order_id: str, net: int, token: str = "", **changed: Any) -> Any:
        """An order of so many won."""
        wanted = {
            "request_id": new_id(),
            "customer_id": "ann",
            "order_id": order_id,
            "net_amount": won(net),
            **changed,
        }
        return await self.send("EarnPoints", pb.EarnPointsRequest(**wanted), token)

    async def take_back(self, order_id: str, token: str = "", **changed: Any) -> Any:
        """All of an order."""
        wanted = {
            "request_id": new_id(),
            "customer_id": "ann",
            "order_id": order_id,
            **changed,
        }
        return await self.send("TakeBackPoints", pb.TakeBackPointsRequest(**wanted), token)

    async def hold(self, order_id: str, points: int, token: str = "", **changed: Any) -> Any:
        """For an order."""
        wanted = {
            "request_id": new_id(),
            "customer_id": "ann",
            "order_id": order_id,
            "points": points,
            **changed,
        }
        return await self.send("HoldPoints", pb.HoldPointsRequest(**wanted), token)

    async def spend(self, order_id: str, token: str = "", **changed: Any) -> Any:
        """What the order holds."""
        wanted = {"request_id": new_id(), "customer_id": "ann", "order_id": order_id, **changed}
        return await self.send("SpendPoints", pb.SpendPointsRequest(**wanted), token)

    async def release(self, order_id: str, token: str = "", **changed: Any) -> Any:
        """What the order holds."""
        wanted = {"request_id": new_id(), "customer_id": "ann", "order_id": order_id, **changed}
        return await self.send("ReleasePoints", pb.ReleasePointsRequest(**wanted), token)

    async def refund(self, order_id: str, token: str = "", **changed: Any) -> Any:
        """All that the order spent."""
        wanted = {"request_id": new_id(), "customer_id": "ann", "order_id": order_id, **changed}
        return await self.send("RefundPoints", pb.RefundPointsRequest(**wanted), token)

    async def balance(self, customer_id: str = "ann", token: str = "") -> Any:
        """The customer's points as they are."""
        request = pb.GetPointsRequest(customer_id=customer_id)
        return (await self.send("GetPoints", request, token)).balance

    async def give(self, points: int, token: str = "", **changed: Any) -> Any:
        """By ann, for seven days."""
        wanted = {
            "request_id": new_id(),
            "giver_customer_id": "ann",
            "points": points,
            **changed,
        }
        return await self.send("OfferPointsGift", pb.OfferPointsGiftRequest(**wanted), token)

    async def claim(self, gift_token: str, token: str = "", **changed: Any) -> Any:
        """By bob."""
        wanted = {
            "request_id": new_id(),
            "token": gift_token,
            "claimer_customer_id": "bob",
            **changed,
        }
        return await self.send("ClaimPointsGift", pb.ClaimPointsGiftRequest(**wanted), token)

    async def cancel(self, gift_id: str, token: str = "", **changed: Any) -> Any:
        """By ann."""
        wanted = {
            "request_id": new_id(),
            "gift_id": gift_id,
            "giver_customer_id": "ann",
            **changed,
        }
        return await self.send("CancelPointsGift", pb.CancelPointsGiftRequest(**wanted), token)

    async def sound(self) -> None:
        """Chains verify, debits equal credits, and the liability is the sum of all balances."""
        assert [] == list((await self.shop.verify()).faults)
        balance = await self.shop.balance()
        assert (0, 0) == (balance.difference, balance.disagreeing_books)


@pytest.fixture
async def points(shop: Any) -> Points:
    """A shop with a points programme."""
    made = Points(shop)
    await made.set_program()
    return made
