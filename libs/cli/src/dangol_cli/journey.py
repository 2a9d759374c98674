"""One customer's way through a running platform: event, segment, coupon, gift, redemption.

For whoever has just installed or upgraded it, and for `helm test`. It goes in by the gateway, as
frontends do, in a tenant of its own. The segment, offer and campaign are made once and found again;
the two customers are new each time.
"""

import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid4, uuid5

from dangol_service_kit.auth import Role

TENANT_ID = "dangol-journey"
SEGMENT_ID = "journey-buyers"
OFFER_ID = "journey-welcome"
CAMPAIGN_ID = "journey-welcome"
CURRENCY = "KRW"
_RULE = "count(purchase) >= 1"
_CALL_SECONDS = 10.0
_POLL_SECONDS = 0.25

Sign = Callable[[Role, str], str]


class JourneyError(Exception):
    """A step did not come out as it should; the message says which and how."""


@dataclass(frozen=True)
class Clock:
    """The clock and the way to wait; tests need neither to be real."""

    monotonic_seconds: Callable[[], float] = time.monotonic
    wait: Callable[[float], object] = field(default_factory=lambda: threading.Event().wait)


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """An expected refusal of the platform, such as a segment that is there already."""

    code: str
    message: str


class Frontend:
    """GraphQL over HTTP, as a frontend speaks it. Raises JourneyError for what fails."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise JourneyError(f"--gateway-url {url}: write http://host:port or https://host:port")
        self._parts = parts

    def ask(self, bearer: str, query: str, **variables: Any) -> dict[str, Any]:
        """The data of a query."""
        body = json.dumps({"query": query, "variables": variables})
        headers = {"authorization": f"Bearer {bearer}", "content-type": "application/json"}
        try:
            connection = self._connect()
            connection.request("POST", f"{self._parts.path.rstrip('/')}/graphql", body, headers)
            answer = json.loads(connection.getresponse().read())
            connection.close()
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise JourneyError(f"the gateway does not answer: {type(error).__name__}") from None
        if answer.get("errors"):
            first = answer["errors"][0]
            code = first.get("extensions", {}).get("code", "")
            raise JourneyError(f"{code} {first['message']}".strip())
        data: dict[str, Any] = answer["data"]
        return data

    def change(
        self, bearer: str, name: str, kind: str, selection: str, **given: Any
    ) -> dict[str, Any] | Refusal:
        """What a mutation answers, or its refusal."""
        query = (
            f"mutation($input: {kind}!) {{ {name}(input: $input) {{ "
            f"... on Refused {{ code message }} {selection} }} }}"
        )
        answer: dict[str, Any] = self.ask(bearer, query, input=given)[name]
        if "code" in answer:
            return Refusal(code=answer["code"], message=answer["message"])
        return answer

    def must_change(
        self, bearer: str, name: str, kind: str, selection: str, **given: Any
    ) -> dict[str, Any]:
        """The same, where a refusal is a failure."""
        answer = self.change(bearer, name, kind, selection, **given)
        if isinstance(answer, Refusal):
            raise JourneyError(f"{name} was refused: {answer.code} {answer.message}")
        return answer

    def _connect(self) -> http.client.HTTPConnection:
        host, port = self._parts.hostname or "", self._parts.port
        if self._parts.scheme == "https":
            return http.client.HTTPSConnection(host, port, timeout=_CALL_SECONDS)
        return http.client.HTTPConnection(host, port, timeout=_CALL_SECONDS)


@dataclass(frozen=True, kw_only=True)
class Journey:
    """sign: makes a token of the journey's tenant for a role and a subject.

    patience_seconds: how long a campaign may take to issue a coupon.
    """

    frontend: Frontend
    sign: Sign
    patience_seconds: float = 60.0
    clock: Clock = field(default_factory=Clock)

    def run(self) -> Iterator[str]:
        """Goes all the way; one line a step. Raises JourneyError."""
        self._set_up()
        yield "a segment, an offer and a campaign are there"
        buyer, friend = self._buy(), self._buy()
        yield "two purchases were recorded, and moved their customers into the segment"
        coupon_id = self._wait_for_coupon(buyer)
        yield "the campaign issued a coupon"
        self._give(coupon_id, buyer, friend)
        yield "the coupon was given to a friend, who claimed it"
        self._redeem(coupon_id, friend)
        yield "the friend redeemed it, and nobody can once more"
        self._verify(coupon_id)
        yield "the journal of the coupon verifies, and the books balance"

    def _set_up(self) -> None:
        marketer = self.sign(Role.MARKETER, "journey")
        make = self.frontend.must_change
        self._make_segment(marketer)
        make(
            marketer,
            "createOffer",
            "CreateOfferInput",
            "... on CreateOfferSuccess { offer { id } }",
            requestId=_fixed_id("offer"),
            offerId=OFFER_ID,
            benefit={"percentBasisPoints": 1000},
            giftable=True,
        )
        make(
            marketer,
            "createCampaign",
            "CreateCampaignInput",
            "... on CampaignSuccess { campaign { id } }",
            requestId=_fixed_id("campaign"),
            campaignId=CAMPAIGN_ID,
            conversionWindowSeconds=86_400,
            segmentTrigger={"segmentId": SEGMENT_ID},
            variants=[{"variantId": "welcome", "offerId": OFFER_ID}],
        )
        make(
            marketer,
            "launchCampaign",
            "CampaignInput",
            "... on CampaignSuccess { campaign { id } }",
            requestId=_fixed_id("launch"),
            campaignId=CAMPAIGN_ID,
        )

    def _make_segment(self, marketer: str) -> None:
        """Its answer changes as it fills, so it is looked for before it is made."""
        found = self.frontend.ask(
            marketer, "query($id: ID!) { segment(id: $id) { rule } }", id=SEGMENT_ID
        )
        if found["segment"] is None:
            self.frontend.must_change(
                marketer,
                "createSegment",
                "CreateSegmentInput",
                "... on SegmentSuccess { segment { id } }",
                requestId=_fixed_id("segment"),
                segmentId=SEGMENT_ID,
                rule=_RULE,
            )

    def _buy(self) -> str:
        """A new customer's purchase; answers the customer's id."""
        event = {
            "eventId": str(uuid4()),
            "customer": {"namespace": "member", "value": f"journey-{uuid4()}"},
            "type": "purchase",
            "occurredAt": datetime.now(UTC).isoformat(),
            "amount": {"currencyCode": CURRENCY, "minorUnits": 30_000},
        }
        partner = self.sign(Role.PARTNER, "journey")
        answer = self.frontend.must_change(
            partner,
            "track",
            "TrackInput",
            "... on TrackSuccess { results { outcome code } }",
            events=[event],
        )
        if answer["results"][0]["outcome"] != "RECORDED":
            raise JourneyError(f"a purchase was not recorded: {answer['results'][0]}")
        found = self.frontend.ask(
            partner,
            "query($it: IdentifierInput!) { customerByIdentifier(identifier: $it) { id } }",
            it=event["customer"],
        )
        customer_id: str = found["customerByIdentifier"]["id"]
        self._wait(lambda: self._is_member(customer_id), "the customer is in no segment")
        return customer_id

    def _is_member(self, customer_id: str) -> bool:
        query = "query($id: ID!) { customer(id: $id) { segments { segment { id } } } }"
        answer = self.frontend.ask(self.sign(Role.PARTNER, "journey"), query, id=customer_id)
        return {"segment": {"id": SEGMENT_ID}} in (answer["customer"]["segments"] or [])

    def _wait_for_coupon(self, customer_id: str) -> str:
        query = """query($id: ID!, $campaign: ID!) {
            customer(id: $id) { wallet(first: 1, campaignId: $campaign) { nodes { id } } } }"""
        token = self.sign(Role.CUSTOMER, customer_id)
        found: list[dict[str, str]] = []

        def look() -> bool:
            answer = self.frontend.ask(token, query, id=customer_id, campaign=CAMPAIGN_ID)
            found[:] = answer["customer"]["wallet"]["nodes"]
            return bool(found)

        self._wait(look, "the campaign issued no coupon")
        return found[0]["id"]

    def _give(self, coupon_id: str, giver: str, claimer: str) -> None:
        offered = self.frontend.must_change(
            self.sign(Role.CUSTOMER, giver),
            "offerGift",
            "OfferGiftInput",
            "... on OfferGiftSuccess { token }",
            requestId=str(uuid4()),
            couponId=coupon_id,
            giverCustomerId=giver,
        )
        self.frontend.must_change(
            self.sign(Role.CUSTOMER, claimer),
            "claimGift",
            "ClaimGiftInput",
            "... on ClaimGiftSuccess { gift { id } }",
            requestId=str(uuid4()),
            token=offered["token"],
            claimerCustomerId=claimer,
        )

    def _redeem(self, coupon_id: str, customer_id: str) -> None:
        partner = self.sign(Role.PARTNER, "journey")
        order_id = f"journey-{uuid4()}"
        self.frontend.must_change(
            partner,
            "holdCoupon",
            "HoldCouponInput",
            "... on HoldCouponSuccess { discount { minorUnits } }",
            requestId=str(uuid4()),
            couponId=coupon_id,
            customerId=customer_id,
            orderId=order_id,
            orderAmount={"currencyCode": CURRENCY, "minorUnits": 50_000},
        )
        redeem = ("redeemCoupon", "CouponStepInput", "... on RedeemCouponSuccess { coupon { id } }")
        self.frontend.must_change(
            partner, *redeem, requestId=str(uuid4()), couponId=coupon_id, orderId=order_id
        )
        again = self.frontend.change(
            partner, *redeem, requestId=str(uuid4()), couponId=coupon_id, orderId=f"{order_id}-2"
        )
        if not isinstance(again, Refusal):
            raise JourneyError("a coupon could be redeemed twice")

    def _verify(self, coupon_id: str) -> None:
        query = """query($account: ID!) { ledger {
            trialBalance { balanced } verify(accountId: $account) { faultCount } } }"""
        answer = self.frontend.ask(self.sign(Role.ADMIN, "journey"), query, account=coupon_id)
        ledger = answer["ledger"]
        if int(ledger["verify"]["faultCount"]) or not ledger["trialBalance"]["balanced"]:
            raise JourneyError(f"the journal is at fault: {ledger}")

    def _wait(self, done: Callable[[], bool], otherwise: str) -> None:
        until = self.clock.monotonic_seconds() + self.patience_seconds
        while not done():
            if self.clock.monotonic_seconds() > until:
                raise JourneyError(f"{otherwise} after {self.patience_seconds:.0f} s")
            self.clock.wait(_POLL_SECONDS)


def _fixed_id(what: str) -> str:
    """The id of a request that is sent in every run alike."""
    return str(uuid5(NAMESPACE_URL, f"urn:dangol:journey:{what}"))
