"""The ledger's half of the offers service behind real gRPC, over real MongoDB."""

import base64
import json
import time
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from dangol.events.v1.event_pb2 import CustomerRef, Money
from dangol.offers.v1 import coupon_service_pb2 as coupons
from dangol.offers.v1 import gift_service_pb2 as gifts
from dangol.offers.v1 import ledger_service_pb2 as journal
from dangol.offers.v1 import offer_service_pb2 as offers
from dangol.offers.v1.coupon_service_pb2_grpc import CouponServiceStub
from dangol.offers.v1.gift_service_pb2_grpc import GiftServiceStub
from dangol.offers.v1.ledger_service_pb2_grpc import LedgerServiceStub
from dangol.offers.v1.offer_service_pb2_grpc import OfferServiceStub
from dangol.profile.v1 import customer_service_pb2_grpc as customers_grpc
from dangol.profile.v1 import event_service_pb2_grpc as events_grpc
from dangol.profile.v1 import tenant_service_pb2 as tenants
from dangol.profile.v1 import tenant_service_pb2_grpc as tenants_grpc
from dangol_service_kit.auth import Role, current_caller, public_jwk, verifier_from_file
from dangol_service_kit.client import call, connect
from dangol_service_kit.config import ProcessConfig
from dangol_service_kit.server import Server
from google.protobuf.timestamp_pb2 import Timestamp
from offers_service import __main__ as composition
from offers_service.config import OffersConfig
from offers_service.rpc_code_parts import CodeParts
from offers_service.rpc_growth_parts import GrowthParts
from offers_service.service_base import build_base
from offers_service.service_starting import prepare
from offers_service.store_enrolments import EnrolmentStore

from tests.integration.offers.ledger.people import People

BENEFITS = {"percent_basis_points", "free_shipping", "gift_item", "points"}
ISSUER, AUDIENCE = "https://issuer.test", "dangol"


class Tenants(tenants_grpc.TenantServiceServicer):
    """Two tenants on wall time and one on virtual time, all made when the test began."""

    def __init__(self) -> None:
        self.create_time = Timestamp(seconds=int(time.time()))

    async def GetTenant(  # noqa: N802
        self, _request: tenants.GetTenantRequest, _context: Any
    ) -> tenants.GetTenantResponse:
        """The caller's tenant."""
        tenant_id = current_caller().tenant_id
        mode = tenants.CLOCK_MODE_VIRTUAL if tenant_id == "replay" else tenants.CLOCK_MODE_WALL
        return tenants.GetTenantResponse(
            tenant=tenants.Tenant(
                tenant_id=tenant_id,
                time_zone="Asia/Seoul",
                currency_code="KRW",
                language="ko",
                clock_mode=mode,
                create_time=self.create_time,
            )
        )


class Shop:
    """Clients of one running ledger; every call is made as a partner unless said otherwise."""

    def __init__(self, target: str, channel: Any, key: Ed25519PrivateKey, parts: Any) -> None:
        self.target = target
        self.offers = OfferServiceStub(channel)
        self.coupons = CouponServiceStub(channel)
        self.gifts = GiftServiceStub(channel)
        self.journal = LedgerServiceStub(channel)
        self.parts = parts
        self.people = parts.people
        self.channel = channel
        self.accounts = parts.base.database.accounts
        self.key = key
        self._tokens: dict[tuple[Any, ...], str] = {}

    def token(self, role: Role, subject: str = "someone", tenant: str = "shop") -> str:
        """A token as the platform would issue it."""
        known = self._tokens.get((role, subject, tenant))
        if known is None:
            now = int(time.time())
            claims = {
                "iss": ISSUER,
                "aud": AUDIENCE,
                "iat": now,
                "exp": now + 3_600,
                "sub": subject,
                "tenant": tenant,
                "role": role.value,
            }
            kid = public_jwk(self.key)["kid"]
            known = jwt.encode(claims, self.key, algorithm="EdDSA", headers={"kid": kid})
            self._tokens[role, subject, tenant] = known
        return known

    async def send(self, method: Any, request: Any, token: str = "") -> Any:
        """One call with a generous deadline."""
        token = token or self.token(Role.PARTNER, "till")
        return await call(method, request, token=token, timeout_seconds=60.0)

    async def add_offer(self, offer_id: str = "fixed", tenant: str = "shop", **terms: Any) -> Any:
        """3,000 won off from 10,000 won, good for a day, giftable."""
        benefit = {} if BENEFITS & terms.keys() else {"fixed_amount": won(3_000)}
        wanted = {
            "minimum_order": won(10_000),
            "valid_for_seconds": 86_400,
            "giftable": True,
            **benefit,
            **terms,
        }
        offer = offers.Offer(offer_id=offer_id, **wanted)
        request = offers.CreateOfferRequest(request_id=new_id(), offer=offer)
        return await self.send(
            self.offers.CreateOffer, request, self.token(Role.ADMIN, tenant=tenant)
        )

    async def issue(self, owner: str = "ann", tenant: str = "shop", **changed: Any) -> Any:
        """One coupon of the fixed offer."""
        wanted = {"request_id": new_id(), "offer_id": "fixed", "customer_id": owner, **changed}
        request = coupons.IssueCouponRequest(**wanted)
        token = self.token(Role.ADMIN, tenant=tenant)
        return await self.send(self.coupons.IssueCoupon, request, token)

    async def issue_list(self, owners: list[str], **changed: Any) -> Any:
        """One coupon of the fixed offer for each owner, as a list."""
        wanted: dict[str, Any] = {
            "request_id": new_id(),
            "campaign_id": "list",
            "offer_ids": ["fixed"],
            "customer_ids": owners,
            **changed,
        }
        request = coupons.BatchIssueCouponsRequest(**wanted)
        return await self.send(self.coupons.BatchIssueCoupons, request, self.token(Role.ADMIN))

    async def hold(self, coupon_id: str, token: str = "", **changed: Any) -> Any:
        """ann holds it for order-1 of 20,000 won."""
        wanted: dict[str, Any] = {
            "request_id": new_id(),
            "coupon_id": coupon_id,
            "customer_id": "ann",
            "order_id": "order-1",
            "order_amount": won(20_000),
            **changed,
        }
        return await self.send(self.coupons.HoldCoupon, coupons.HoldCouponRequest(**wanted), token)

    async def redeem(self, coupon_id: str, token: str = "", **changed: Any) -> Any:
        """For order-1."""
        wanted = {"request_id": new_id(), "coupon_id": coupon_id, "order_id": "order-1", **changed}
        request = coupons.RedeemCouponRequest(**wanted)
        return await self.send(self.coupons.RedeemCoupon, request, token)

    async def hold_cart(self, coupon_id: str, cart: Any = None, **changed: Any) -> Any:
        """ann holds it for order-1, line by line."""
        wanted: dict[str, Any] = {
            "request_id": new_id(),
            "coupon_id": coupon_id,
            "customer_id": "ann",
            "order_id": "order-1",
            "cart": cart or basket(),
            **changed,
        }
        return await self.send(self.coupons.HoldCoupon, coupons.HoldCouponRequest(**wanted))

    async def evaluate(self, token: str = "", **changed: Any) -> Any:
        """ann's wallet for the usual cart."""
        wanted = {"customer_id": "ann", "cart": basket(), **changed}
        request = coupons.EvaluateCartRequest(**wanted)
        return await self.send(self.coupons.EvaluateCart, request, token)

    async def reverse(
        self, coupon_id: str, *returned: tuple[str, int], token: str = "", **changed: Any
    ) -> Any:
        """All of order-1, or what is named."""
        lines = [coupons.ReturnedLine(line_id=line, quantity=count) for line, count in returned]
        wanted: dict[str, Any] = {
            "request_id": new_id(),
            "coupon_id": coupon_id,
            "order_id": "order-1",
            "returned_lines": lines,
            **changed,
        }
        request = coupons.ReverseRedemptionRequest(**wanted)
        return await self.send(self.coupons.ReverseRedemption, request, token)

    async def revoke(self, coupon_id: str, token: str = "", request_id: str = "") -> Any:
        """By an admin."""
        request = coupons.RevokeCouponRequest(
            request_id=request_id or new_id(), coupon_id=coupon_id
        )
        token = token or self.token(Role.ADMIN)
        return await self.send(self.coupons.RevokeCoupon, request, token)

    async def used(self, cart: Any = None, order_id: str = "order-1", **issued: Any) -> str:
        """A coupon of ann's that an order held line by line and used."""
        coupon_id: str = (await self.issue(**issued)).coupon.coupon_id
        await self.hold_cart(coupon_id, cart, order_id=order_id)
        await self.redeem(coupon_id, order_id=order_id)
        return coupon_id

    async def release(self, coupon_id: str, token: str = "", **changed: Any) -> Any:
        """From order-1."""
        wanted = {"request_id": new_id(), "coupon_id": coupon_id, "order_id": "order-1", **changed}
        request = coupons.ReleaseCouponRequest(**wanted)
        return await self.send(self.coupons.ReleaseCoupon, request, token)

    async def gift(self, coupon_id: str, token: str = "", **changed: Any) -> Any:
        """By ann, for seven days or the coupon's end."""
        wanted = {
            "request_id": new_id(),
            "coupon_id": coupon_id,
            "giver_customer_id": "ann",
            **changed,
        }
        return await self.send(self.gifts.OfferGift, gifts.OfferGiftRequest(**wanted), token)

    async def claim(self, gift_token: str, token: str = "", **changed: Any) -> Any:
        """By bob."""
        wanted = {
            "request_id": new_id(),
            "token": gift_token,
            "claimer_customer_id": "bob",
            **changed,
        }
        return await self.send(self.gifts.ClaimGift, gifts.ClaimGiftRequest(**wanted), token)

    async def sign_up(self, gift_token: str, *names: tuple[str, str], **changed: Any) -> Any:
        """A claim by somebody who signs up in it, under these identifiers."""
        refs = [CustomerRef(namespace=namespace, value=value) for namespace, value in names]
        sign_up = gifts.SignUp(identifiers=refs)
        return await self.claim(gift_token, claimer_customer_id="", sign_up=sign_up, **changed)

    async def decline(self, gift_token: str, token: str = "", **changed: Any) -> Any:
        """By bob."""
        wanted = {
            "request_id": new_id(),
            "token": gift_token,
            "recipient_customer_id": "bob",
            **changed,
        }
        return await self.send(self.gifts.DeclineGift, gifts.DeclineGiftRequest(**wanted), token)

    async def cancel(self, gift_id: str, token: str = "", **changed: Any) -> Any:
        """By ann."""
        wanted = {
            "request_id": new_id(),
            "gift_id": gift_id,
            "giver_customer_id": "ann",
            **changed,
        }
        return await self.send(self.gifts.CancelGift, gifts.CancelGiftRequest(**wanted), token)

    async def coupon(self, coupon_id: str, token: str = "") -> Any:
        """The coupon as it is."""
        request = coupons.GetCouponRequest(coupon_id=coupon_id)
        return (await self.send(self.coupons.GetCoupon, request, token)).coupon

    async def verify(self, account_id: str = "", tenant: str = "shop") -> Any:
        """The verdict, after all progress."""
        metadata = (("authorization", f"Bearer {self.token(Role.ADMIN, tenant=tenant)}"),)
        request = journal.VerifyJournalRequest(account_id=account_id)
        answers = [
            answer async for answer in self.journal.VerifyJournal(request, metadata=metadata)
        ]
        assert [False] * (len(answers) - 1) + [True] == [answer.done for answer in answers]
        return answers[-1]

    async def balance(self) -> Any:
        """The trial balance."""
        request = journal.GetTrialBalanceRequest()
        return await self.send(self.journal.GetTrialBalance, request, self.token(Role.ADMIN))


def won(amount: int) -> Money:
    """Korean won."""
    return Money(currency_code="KRW", minor_units=amount)


def basket(*lines: tuple[str, int, int], shipping: int = 0) -> coupons.Cart:
    """Lines of (category, quantity, price), named a, b, ...; by default 20,000 won of goods."""
    lines = lines or (("shoes", 2, 6_000), ("books", 1, 8_000))
    return coupons.Cart(
        currency_code="KRW",
        shipping_minor_units=shipping,
        lines=[
            coupons.CartLine(
                line_id=chr(97 + number),
                product_id=f"p-{category}",
                category=category,
                quantity=quantity,
                unit_price_minor_units=price,
            )
            for number, (category, quantity, price) in enumerate(lines)
        ],
    )


def new_id() -> str:
    """A fresh request id."""
    return str(uuid.uuid4())


def _write_keys(directory: Path) -> Ed25519PrivateKey:
    key = Ed25519PrivateKey.generate()
    jwk = {**public_jwk(key), "dangol_roles": [role.value for role in Role]}
    (directory / "jwks.json").write_text(json.dumps({"keys": [jwk]}))
    (directory / "service.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    (directory / "master.key").write_text(base64.b64encode(b"m" * 32).decode())
    return key


@pytest.fixture
async def shop(mongodb_uri: str, database_name: str, tmp_path: Path) -> AsyncIterator[Shop]:
    """A running ledger with nothing in it, and a profile that knows everybody."""
    key = _write_keys(tmp_path)
    common: dict[str, Any] = {
        "listen": "127.0.0.1:0",
        "auth_jwks_file": tmp_path / "jwks.json",
        "auth_issuer": ISSUER,
        "auth_audience": AUDIENCE,
        "drain_seconds": 0.2,
    }
    verifier = verifier_from_file(tmp_path / "jwks.json", ISSUER, AUDIENCE)
    profile = Server(ProcessConfig(**common), verifier, "profile")
    people = People()  # type: ignore[abstract]
    profile.add(customers_grpc.add_CustomerServiceServicer_to_server, people, "customers")
    profile.add(events_grpc.add_EventServiceServicer_to_server, people.purchases, "purchases")
    profile.add(tenants_grpc.add_TenantServiceServicer_to_server, Tenants(), "tenants")  # type: ignore[abstract]
    await profile.start()
    config = OffersConfig(
        **common,
        mongodb_uri=mongodb_uri,
        mongodb_database=database_name,
        redis_url="redis://127.0.0.1:1",
        profile_target=f"127.0.0.1:{profile.port}",
        segmentation_target="127.0.0.1:1",
        service_key_file=tmp_path / "service.pem",
        master_key_file=tmp_path / "master.key",
        checkpoint_key_file=tmp_path / "service.pem",
    )
    base = build_base(config)
    parts = composition.build_ledger(base)
    server = Server(config, verifier, "offers")
    codes = CodeParts(base, parts)
    composition.add_ledger(server, base, parts, codes)
    growth = GrowthParts(base, parts, codes.guard)
    growth.add_to(server)
    stores = (parts.accounts, parts.offers, parts.points, parts.merges, parts.audit)
    await prepare(
        *stores,
        codes,
        EnrolmentStore(base.database),
        growth,
    )
    await server.start()
    target = f"127.0.0.1:{server.port}"
    channel = connect(target)
    yield Shop(target, channel, key, _Parts(base, parts, people, growth))
    await channel.close()
    await server.stop()
    await profile.stop()
    for connection in (base.profile, base.segmentation):
        await connection.close()
    base.mongodb.close()


class _Parts:
    """What tests look at behind the wire."""

    def __init__(self, base: Any, parts: Any, people: People, growth: GrowthParts) -> None:
        self.base = base
        self.people = people
        self.all = parts
        self.growth = growth
        self.ledger = parts.ledger
        self.group = parts.group
        self.secrets_of = parts.keyring
        self.accounts = parts.accounts
        self.keyring = parts.keyring
        self.offers = parts.offers
        self.points = parts.points
        self.audit = parts.audit
