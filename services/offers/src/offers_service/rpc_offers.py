"""OfferService on the wire."""

from __future__ import annotations

from typing import Any

from dangol.offers.v1 import offer_service_pb2 as pb
from dangol.offers.v1 import offer_service_pb2_grpc as pb_grpc
from dangol_service_kit.clock import Clock, Directory
from dangol_service_kit.errors import Code, RpcFailure

from offers_service.rpc_common import (
    READERS,
    WRITERS,
    authorize,
    failures,
    page_after,
    page_size,
)
from offers_service.rpc_terms import read_offer, write_offer
from offers_service.store_offers import OfferStore

SERVICE_NAME = pb.DESCRIPTOR.services_by_name["OfferService"].full_name


class OfferServicer(pb_grpc.OfferServiceServicer):
    """An active offer never changes, so its id is all a repeat needs."""

    def __init__(self, offers: OfferStore, clock: Clock, directory: Directory) -> None:
        self._offers = offers
        self._clock = clock
        self._directory = directory

    async def CreateOffer(  # noqa: N802
        self, request: pb.CreateOfferRequest, _context: Any
    ) -> pb.CreateOfferResponse:
        """Creates an offer; OFFER_EXISTS when the id stands for other terms."""
        caller = authorize(*WRITERS)
        tenant = await self._directory.get(caller.tenant_id)
        now_ms = (await self._clock.read(caller.tenant_id)).now_ms
        offer = read_offer(request.offer, tenant.currency_code, tenant.time_zone, now_ms)
        with failures():
            if await self._offers.insert(caller.tenant_id, offer):
                return pb.CreateOfferResponse(offer=write_offer(offer))
            known = await self._offers.get(caller.tenant_id, offer.offer_id)
        if known is None or not known.same_content(offer):
            raise RpcFailure(Code.OFFER_EXISTS, "the id stands for other terms")
        return pb.CreateOfferResponse(offer=write_offer(known))

    async def GetOffer(  # noqa: N802
        self, request: pb.GetOfferRequest, _context: Any
    ) -> pb.GetOfferResponse:
        """One offer; OFFER_NOT_FOUND."""
        caller = authorize(*READERS)
        with failures():
            offer = await self._offers.get(caller.tenant_id, request.offer_id)
        if offer is None:
            raise RpcFailure(Code.OFFER_NOT_FOUND, "there is no such offer")
        return pb.GetOfferResponse(offer=write_offer(offer))

    async def BatchGetOffers(  # noqa: N802
        self, request: pb.BatchGetOffersRequest, _context: Any
    ) -> pb.BatchGetOffersResponse:
        """Those that exist, in order of id."""
        caller = authorize(*READERS)
        with failures():
            found = await self._offers.among(caller.tenant_id, request.offer_ids)
        return pb.BatchGetOffersResponse(offers=[write_offer(offer) for offer in found])

    async def ListOffers(  # noqa: N802
        self, request: pb.ListOffersRequest, _context: Any
    ) -> pb.ListOffersResponse:
        """Offers in order of id."""
        caller = authorize(*READERS)
        size = page_size(request.page_size)
        after = page_after(request.page_token)
        current_ms: int | None = None
        if request.current_only:
            current_ms = (await self._clock.read(caller.tenant_id)).now_ms
        with failures():
            found = await self._offers.page(
                caller.tenant_id, after=after, limit=size + 1, current_ms=current_ms
            )
        return pb.ListOffersResponse(
            offers=[write_offer(offer) for offer in found[:size]],
            next_page_token=found[size - 1].offer_id if len(found) > size else "",
        )
