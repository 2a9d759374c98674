"""What to try once the demo stands: GraphQL queries with real ids in them."""

from dataclasses import dataclass
from typing import Protocol

from dangol.offers.v1.coupon_service_pb2 import COUPON_STATE_AVAILABLE
from dangol.segmentation.v1.segment_service_pb2 import ListMembersRequest
from dangol_service_kit.auth import Role
from rich.console import Console
from rich.syntax import Syntax

from dangol_dev.client import request_id
from dangol_dev.simulator.people import Habit
from dangol_dev.simulator.settings import CART_SEGMENT
from dangol_dev.simulator.shop import Shop


@dataclass(frozen=True)
class Examples:
    """Ids of the invented shop that show something; coupon_id is empty if none is left."""

    tenant_id: str
    segment_id: str
    member_id: str
    coupon_id: str
    giver_id: str
    recipient_id: str
    campaign_id: str
    event_time: str


class Gateway(Protocol):
    """What is printed of a running stack."""

    @property
    def urls(self) -> dict[str, str]:
        """Addresses by name."""

    def token(
        self, tenant_id: str, role: Role, subject: str | None = None, ttl_seconds: int = 86_400
    ) -> str:
        """A signed token."""


async def find_examples(shop: Shop) -> Examples:
    """Look for a member of a segment and for a coupon that can still be given away."""
    client = shop.clients.admin
    request = ListMembersRequest(segment_id=CART_SEGMENT, page_size=1)
    members = (await client.call(client.segments.ListMembers, request)).members
    coupon_id, giver_id = await _find_coupon(shop)
    fans = [life for life in shop.season.lives if life.person.habit is Habit.FAN]
    recipient_id = shop.customer_ids[fans[0].person.number] if fans else ""
    hour = shop.end_time(hours=1)
    return Examples(
        tenant_id=shop.tenant_id,
        segment_id=CART_SEGMENT,
        member_id=members[0].customer_id if members else "",
        coupon_id=coupon_id,
        giver_id=giver_id,
        recipient_id=recipient_id,
        campaign_id="we-miss-you",
        event_time=hour,
    )


async def _find_coupon(shop: Shop) -> tuple[str, str]:
    for triggered in shop.season.triggered.values():
        for one in reversed(triggered):
            coupon = one.trigger.coupon
            if coupon is None or coupon.end_ms < shop.end_ms + 2 * 86_400_000:
                continue
            customer_id = shop.customer_ids[one.person.number]
            for found in await shop.till.find_coupons(customer_id):
                if found.coupon_id == coupon.coupon_id and found.state == COUPON_STATE_AVAILABLE:
                    return found.coupon_id, customer_id
    return "", ""


def print_examples(console: Console, gateway: Gateway, examples: Examples) -> None:
    """Print the address with a token, and the queries."""
    token = gateway.token(examples.tenant_id, Role.ADMIN)
    console.print("\n[bold]GraphiQL[/] (the token is in the link, and good for a day):")
    console.print(f"{gateway.urls['graphiql']}?token={token}", soft_wrap=True, highlight=False)
    for title, query in queries(examples):
        console.print(f"\n[bold cyan]{title}[/]")
        console.print(Syntax(query, "graphql", background_color="default"))
    console.print("\nCtrl-C stops everything.")


def queries(examples: Examples) -> list[tuple[str, str]]:
    """Titles and texts of the queries, in GraphQL."""
    return [
        ("1. Why is this customer in the segment?", _why(examples)),
        ("2. She buys, and leaves the segment: see `changes`.", _buy(examples)),
        ("3. Give a coupon away; then claim it with the token answered.", _gift(examples)),
        ("4. What did a customer really won back cost?", _report(examples)),
        ("5. Whom would a rule find? Try your own.", _preview()),
        ("6. She allows email: the log says when and where.", _consent(examples)),
    ]


def _why(examples: Examples) -> str:
    return f"""\
query Why {{
  explain(
    customerId: "{examples.member_id}"
    segmentId: "{examples.segment_id}"
    language: EN
  ) {{
    member
    summary
    parts {{ depth words value holds nextFlipAt }}
  }}
}}"""


def _buy(examples: Examples) -> str:
    event_id = request_id("example", "purchase", examples.member_id)
    return f"""\
mutation Buy {{
  track(input: {{events: [{{
    eventId: "{event_id}"
    customer: {{namespace: "customer", value: "{examples.member_id}"}}
    type: "purchase"
    occurredAt: "{examples.event_time}"
    orderId: "my-first-order"
    amount: {{currencyCode: "KRW", minorUnits: 39000}}
  }}]}}) {{
    ... on TrackSuccess {{
      results {{ outcome }}
      changes {{ segmentId kind cause effectiveAt }}
    }}
    ... on Refused {{ code message }}
  }}
}}"""


def _gift(examples: Examples) -> str:
    return f"""\
mutation Give {{
  offerGift(input: {{
    requestId: "{request_id("example", "gift", examples.coupon_id)}"
    couponId: "{examples.coupon_id}"
    giverCustomerId: "{examples.giver_id}"
  }}) {{
    ... on OfferGiftSuccess {{ token gift {{ state expiresAt }} }}
    ... on Refused {{ code message }}
  }}
}}

mutation Claim {{
  claimGift(input: {{
    requestId: "{request_id("example", "claim", examples.coupon_id)}"
    token: "PASTE THE TOKEN HERE"
    claimerCustomerId: "{examples.recipient_id}"
  }}) {{
    ... on ClaimGiftSuccess {{ coupon {{ id customerId state generation }} }}
    ... on Refused {{ code message }}
  }}
}}"""


def _report(examples: Examples) -> str:
    return f"""\
query WonBack {{
  campaign(id: "{examples.campaign_id}") {{
    report {{
      conversionLift {{ estimate lower upper }}
      incrementalCustomers
      costPerIncrementalCustomer {{ amount currencyCode }}
      arms {{ arm triggeredCount convertedCount redeemedCount cost {{ amount }} }}
    }}
  }}
}}"""


def _preview() -> str:
    return """\
query Preview {
  previewSegment(rule: "count(visit, 30d) >= 3 and count(purchase, 30d) = 0") {
    ... on SegmentPreview {
      exact
      memberCount
      sample { customer { id displayName } enteredAt }
    }
    ... on SegmentRefused { code message line column hint }
  }
}"""


def _consent(examples: Examples) -> str:
    return f"""\
mutation Allow {{
  setConsent(input: {{
    requestId: "{request_id("example", "consent", examples.member_id)}"
    customerId: "{examples.member_id}"
    entries: [{{channel: "email", granted: true, source: "GraphiQL"}}]
  }}) {{
    ... on SetConsentSuccess {{
      customer {{
        consents {{ purpose channel }}
        consentLog(first: 5) {{ nodes {{ channel granted decidedAt source actor }} }}
      }}
    }}
    ... on Refused {{ code message }}
  }}
}}"""
