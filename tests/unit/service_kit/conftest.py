"""Keys and tokens for tests of identity."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from dangol_service_kit.auth import TokenVerifier, public_jwk
from dangol_service_kit.errors import RpcFailure

ISSUER = "https://issuer.test"
AUDIENCE = "dangol"


@dataclass(frozen=True)
class Authority:
    """A platform key, a service key and a verifier that trusts both."""

    platform: Ed25519PrivateKey
    service: Ed25519PrivateKey
    jwks: dict[str, Any]
    verifier: TokenVerifier

    def claims(self, **changes: Any) -> dict[str, Any]:
        """Claims of a good token, with changes; None removes a claim."""
        now = int(time.time())
        good = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "iat": now,
            "exp": now + 300,
            "sub": "someone",
            "tenant": "shop",
            "role": "marketer",
        }
        return {name: value for name, value in {**good, **changes}.items() if value is not None}

    def token(self, key: Ed25519PrivateKey | None = None, **changes: Any) -> str:
        """A token with these claims, signed with the platform key unless another is given."""
        key = key or self.platform
        kid = public_jwk(key)["kid"]
        return jwt.encode(self.claims(**changes), key, algorithm="EdDSA", headers={"kid": kid})


@pytest.fixture(scope="session")
def authority() -> Authority:
    """Fresh keys; the service key may sign only services' tokens."""
    platform, service = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    people = ["operator", "admin", "marketer", "staff", "partner", "customer", "visitor"]
    jwks = {
        "keys": [
            {**public_jwk(platform), "dangol_roles": people},
            {**public_jwk(service), "dangol_roles": ["service"]},
        ]
    }
    return Authority(platform, service, jwks, TokenVerifier(jwks, ISSUER, AUDIENCE))


@pytest.fixture
def refusal(authority: Authority) -> Callable[[str], str]:
    """Verifies a hostile token and answers the code of its refusal."""

    def refuse(token: str) -> str:
        with pytest.raises(RpcFailure) as caught:
            authority.verifier.verify(token)
        return caught.value.code.name

    return refuse
