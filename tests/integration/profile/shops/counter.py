"""Callers of the services about shops, staff of some stores among them."""

from __future__ import annotations

import time
import uuid
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from dangol.profile.v1 import store_service_pb2 as store_pb
from dangol.profile.v1.store_service_pb2_grpc import StoreServiceStub
from dangol_service_kit.auth import Role, key_id

from tests.integration.profile.harness import ISSUER, SHOP, Client, Platform


def staff_of(platform: Platform, *stores: str, tenant_id: str = SHOP) -> Client:
    """A member of staff whose token names these stores."""
    key = load_pem_private_key((platform.keys.directory / "platform.pem").read_bytes(), None)
    assert isinstance(key, Ed25519PrivateKey)
    now_seconds = int(time.time())
    claims = {
        **{"iss": ISSUER, "aud": ISSUER, "iat": now_seconds, "exp": now_seconds + 600},
        **{"sub": "staff-1", "tenant": tenant_id, "role": Role.STAFF.value},
        "stores": list(stores),
    }
    token = jwt.encode(claims, key, algorithm="EdDSA", headers={"kid": key_id(key)})
    return Client(platform.channel, token)


def stores_stub(platform: Platform) -> Any:
    """StoreService."""
    return StoreServiceStub(platform.channel)


def store(store_id: str, region: str = "", zone: str = "", **fields: Any) -> store_pb.Store:
    """A store with a Korean name."""
    names = {"ko": f"{store_id}점"}
    return store_pb.Store(
        store_id=store_id, region=region, zone=zone, display_names=names, **fields
    )


async def upsert(
    platform: Platform,
    *stores: store_pb.Store,
    request_id: str = "",
    role: Role = Role.ADMIN,
    tenant_id: str = SHOP,
) -> list[tuple[str, store_pb.Store]]:
    """UpsertStores; outcomes, short, with the stores."""
    request = store_pb.UpsertStoresRequest(
        request_id=request_id or str(uuid.uuid4()), stores=stores
    )
    client = platform.client(role, tenant_id)
    response = await client.call(stores_stub(platform).UpsertStores, request)
    prefix = len("UPSERT_STORE_OUTCOME_")
    return [
        (store_pb.UpsertStoreOutcome.Name(one.outcome)[prefix:], one.store)
        for one in response.results
    ]
