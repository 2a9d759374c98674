"""Tokens that nobody may accept, made with an installation's own keys and with strangers'."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from dangol_service_kit.auth import public_jwk

DAY = 86_400


def segment(content: Any) -> str:
    """One part of a token: bytes as they are, anything else as JSON."""
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass(frozen=True)
class Forger:
    """Signs whatever it is told to. platform: a key for people's roles; service: for services'."""

    platform: Ed25519PrivateKey
    service: Ed25519PrivateKey
    issuer: str
    audience: str

    def claims(self, **changes: Any) -> dict[str, Any]:
        """Claims of a good token, with changes; None removes a claim."""
        now = int(time.time())
        good = {"iss": self.issuer, "aud": self.audience, "iat": now, "exp": now + 300}
        who = {"sub": "someone", "tenant": "shop", "role": "admin"}
        merged = {**good, **who, **changes}
        return {name: value for name, value in merged.items() if value is not None}

    def sign(
        self,
        claims: Any,
        header: Mapping[str, Any] | bytes | None = None,
        key: Ed25519PrivateKey | None = None,
    ) -> str:
        """A token of any claims and header; the header's fields are added to a good one's."""
        if not isinstance(header, bytes):
            kid = public_jwk(self.platform)["kid"]
            header = json.dumps({"alg": "EdDSA", "kid": kid, **(header or {})}).encode()
        signed = f"{segment(header)}.{segment(claims)}"
        return f"{signed}.{segment((key or self.platform).sign(signed.encode()))}"

    def good(self, **changes: Any) -> str:
        """A token that is accepted."""
        return self.sign(self.claims(**changes))

    def hostile(self) -> dict[str, str]:
        """Tokens by what is wrong with them; each is to be refused."""
        return self._unsigned() | self._headers() | self._claims() | self._texts()

    def expired(self) -> str:
        """A token that was good."""
        now = int(time.time())
        return self.good(iat=now - 600, exp=now - 300)

    def _unsigned(self) -> dict[str, str]:
        kid = public_jwk(self.platform)["kid"]
        good = self.good()
        head, body, signature = good.split(".")
        admin = segment(self.claims(role="operator", tenant="*"))
        stranger = Ed25519PrivateKey.generate()
        public = self.platform.public_key()
        pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        raw = public.public_bytes(Encoding.Raw, PublicFormat.Raw)
        none = {
            f"alg {name}": f"{segment({'alg': name, 'kid': kid})}.{body}."
            for name in ("none", "None", "NONE")
        }
        return none | {
            "alg none with a signature": f"{segment({'alg': 'none', 'kid': kid})}.{body}.AAAA",
            "alg empty": f"{segment({'alg': '', 'kid': kid})}.{body}.{signature}",
            "no alg": f"{segment({'kid': kid})}.{body}.{signature}",
            "public key (PEM) as a secret": self._confused(kid, pem),
            "public key (raw) as a secret": self._confused(kid, raw),
            "public JWK as a secret": self._confused(
                kid, json.dumps(public_jwk(self.platform)).encode()
            ),
            "empty secret": self._confused(kid, b""),
            "another algorithm's name": self.sign(self.claims(), {"alg": "RS256"}),
            "a stranger's key, our kid": self.sign(self.claims(), key=stranger),
            "a stranger's key and kid": self.sign(
                self.claims(), {"kid": public_jwk(stranger)["kid"]}, stranger
            ),
            "other claims under a good signature": f"{head}.{admin}.{signature}",
            "another header under a good signature": ".".join(
                (segment({"alg": "EdDSA", "kid": kid, "typ": "JWT", "x": 1}), body, signature)
            ),
            "no signature": f"{head}.{body}.",
            "two parts": f"{head}.{body}",
            "zeros for a signature": f"{head}.{body}.{segment(bytes(64))}",
        }

    def _confused(self, kid: str, secret: bytes) -> str:
        signed = f"{segment({'alg': 'HS256', 'typ': 'JWT', 'kid': kid})}.{segment(self.claims())}"
        return f"{signed}.{segment(hmac.new(secret, signed.encode(), hashlib.sha256).digest())}"

    def _headers(self) -> dict[str, str]:
        stranger = Ed25519PrivateKey.generate()
        jwk, kid = public_jwk(stranger), public_jwk(self.platform)["kid"]
        own = {"kid": jwk["kid"]}
        url = "https://evil.test/jwks.json"
        claims = self.claims()
        inner = self.good()
        duplicated = f'{{"alg":"none","alg":"EdDSA","kid":"{kid}"}}'.encode()
        return {
            "jwk brought along": self.sign(claims, own | {"jwk": jwk}, stranger),
            "jwk brought along, our kid": self.sign(claims, {"jwk": jwk}, stranger),
            "jku": self.sign(claims, own | {"jku": url}, stranger),
            "x5u": self.sign(claims, own | {"x5u": url}, stranger),
            "x5c": self.sign(claims, own | {"x5c": ["TUlJQg=="]}, stranger),
            "crit": self.sign(claims, {"crit": ["exp"], "exp": 1}),
            "crit empty": self.sign(claims, {"crit": []}),
            "unencoded payload": self.sign(claims, {"b64": False, "crit": ["b64"]}),
            "compressed": self.sign(claims, {"zip": "DEF"}),
            "encrypted": self.sign(claims, {"enc": "A256GCM"}),
            "a token within a token": self.sign(inner.encode(), {"cty": "JWT"}),
            "an unsigned token within a token": self.sign(
                f"{segment({'alg': 'none'})}.{segment(claims)}.".encode()
            ),
            "another type": self.sign(claims, {"typ": "dpop+jwt"}),
            "no kid": self.sign(claims, {"kid": None}),
            "kid empty": self.sign(claims, {"kid": ""}),
            "kid a list": self.sign(claims, {"kid": [kid]}),
            "kid a path": self.sign(claims, {"kid": "../../../../dev/null"}),
            "kid a query": self.sign(claims, {"kid": "' OR 1=1 --"}),
            "kid of the service's key": self.sign(claims, {"kid": public_jwk(self.service)["kid"]}),
            "alg twice": self.sign(claims, duplicated),
            "a header that is a list": self.sign(claims, b"[]"),
            "a header nested deeply": self.sign(claims, b"[" * 4000),
            "a header that is no text": self.sign(claims, b"\xff\xfe"),
        }

    def _claims(self) -> dict[str, str]:
        now = int(time.time())
        plain = json.dumps(self.claims())[1:]
        wrong: dict[str, dict[str, Any]] = {
            "nbf in the future": {"nbf": now + 3600},
            "iat in the future": {"iat": now + 3600, "exp": now + 7200},
            "another audience": {"aud": "another"},
            "audiences without ours": {"aud": ["a", "b"]},
            "no audience": {"aud": None},
            "another issuer": {"iss": "https://evil.test"},
            "an issuer that begins like ours": {"iss": f"{self.issuer}.evil.test"},
            "issuers": {"iss": [self.issuer]},
            "no issuer": {"iss": None},
            "no exp": {"exp": None},
            "exp a text": {"exp": "soon"},
            "exp true": {"exp": True},
            "exp a list": {"exp": [now + 300]},
            "exp endless": {"exp": 10**300},
            "exp negative": {"exp": -1},
            "no iat": {"iat": None},
            "no sub": {"sub": None},
            "sub empty": {"sub": ""},
            "sub a number": {"sub": 5},
            "sub with a line break": {"sub": "someone\nadmin"},
            "sub with half a character": {"sub": "\ud800"},
            "sub very long": {"sub": "x" * 300},
            "no role": {"role": None},
            "role unknown": {"role": "root"},
            "roles": {"role": ["admin"]},
            "role in capitals": {"role": "ADMIN"},
            "role of a service": {"role": "service"},
            "no tenant": {"tenant": None},
            "tenant empty": {"tenant": ""},
            "tenants": {"tenant": ["shop"]},
            "every tenant for an admin": {"tenant": "*"},
            "tenant a path": {"tenant": "../shop"},
            "tenant with a dollar": {"tenant": {"$ne": ""}},
            "tenant with a line break": {"tenant": "shop\n"},
            "stores a text": {"stores": "all"},
        }
        return {name: self.sign(self.claims(**changes)) for name, changes in wrong.items()} | {
            "role twice": self.sign(f'{{"role":"customer",{plain}'.encode()),
            "tenant twice": self.sign(f'{{"tenant":"rival",{plain}'.encode()),
            "exp beyond numbers": self.sign(f'{{"nbf":1e999,{plain}'.encode()),
            "exp not a number": self.sign(f'{{"nbf":NaN,{plain}'.encode()),
            "claims that are a list": self.sign(b"[]"),
            "claims that are null": self.sign(b"null"),
            "claims that are empty": self.sign(b"{}"),
            "claims that are no JSON": self.sign(b"\xff"),
            "claims nested deeply": self.sign(b'{"a":' * 1000),
            "an admin by the service's key": self.sign(
                self.claims(), {"kid": public_jwk(self.service)["kid"]}, self.service
            ),
        }

    def _texts(self) -> dict[str, str]:
        good = self.good()
        head, body, signature = good.split(".")
        return {
            "truncated": good[:-4],
            "truncated by one": good[:-1],
            "without its first part": f"{body}.{signature}",
            "four parts": f"{good}.{signature}",
            "five parts, as of an encrypted one": ".".join((good, signature, signature)),
            "padded": good + "==",
            "with dirt in the signature": f"{head}.{body}.!{signature}",
            "the signature written otherwise": f"{head}.{body}.{_otherwise(signature)}",
            "no text at all": "a.b.c",
            "dots": "..",
            "huge": good + "A" * 20_000,
            "huge claims": self.sign(self.claims(sub="someone", filler="x" * 9000)),
            "two in one": f"{good},{good}",
            "in quotes": f'"{good}"',
            "JSON serialisation": json.dumps(
                {"payload": body, "signatures": [{"protected": head, "signature": signature}]}
            ).replace(" ", ""),
            "a token by HMAC of a library": jwt.encode(
                self.claims(), "x" * 32, algorithm="HS256", headers={"kid": "x"}
            ),
        }


def _otherwise(signature: str) -> str:
    """The same bytes in base64url with other unused bits at the end."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return signature[:-1] + alphabet[alphabet.index(signature[-1]) | 1]
