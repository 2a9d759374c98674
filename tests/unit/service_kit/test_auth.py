"""Identity: good tokens name a caller, hostile ones are refused with a typed error."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from dangol_service_kit.auth import (
    Caller,
    Role,
    ServiceCredentials,
    TokenVerifier,
    current_caller,
    public_jwk,
    require,
    set_caller,
)
from dangol_service_kit.errors import Code, RpcFailure

Refusal = Callable[[str], str]


def _segment(content: Any) -> str:
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def test_a_good_token_names_its_caller(authority: Any) -> None:
    """Tenant, role, subject and stores come from the claims."""
    token = authority.token(role="staff", sub="kim", stores=["gangnam"])
    expected = Caller("shop", Role.STAFF, "kim", ("gangnam",), token)
    assert expected == authority.verifier.verify(token)


def test_alg_none_is_refused(authority: Any, refusal: Refusal) -> None:
    """An unsigned token is no token."""
    kid = public_jwk(authority.platform)["kid"]
    head = _segment({"alg": "none", "typ": "JWT", "kid": kid})
    assert refusal(f"{head}.{_segment(authority.claims())}.") == "TOKEN_INVALID"


def test_key_confusion_is_refused(authority: Any, refusal: Refusal) -> None:
    """The public key does not serve as a shared secret."""
    public = authority.platform.public_key()
    secret = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    kid = public_jwk(authority.platform)["kid"]
    head = _segment({"alg": "HS256", "typ": "JWT", "kid": kid})
    signed = f"{head}.{_segment(authority.claims(role='admin'))}"
    mac = hmac.new(secret, signed.encode(), hashlib.sha256).digest()
    assert refusal(f"{signed}.{_segment(mac)}") == "TOKEN_INVALID"


def test_a_foreign_key_is_refused(authority: Any, refusal: Refusal) -> None:
    """A key that is not in the JWKS signs nothing, under its own kid or a borrowed one."""
    stranger = Ed25519PrivateKey.generate()
    borrowed = {"kid": public_jwk(authority.platform)["kid"]}
    forged = jwt.encode(authority.claims(), stranger, algorithm="EdDSA", headers=borrowed)
    assert [
        refusal(authority.token(stranger)),
        refusal(forged),
    ] == ["TOKEN_INVALID", "TOKEN_INVALID"]


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("TOKEN_EXPIRED", {"iat": int(time.time()) - 600, "exp": int(time.time()) - 300}),
        ("TOKEN_INVALID", {"iat": int(time.time()) + 3600, "exp": int(time.time()) + 7200}),
        ("TOKEN_INVALID", {"nbf": int(time.time()) + 3600}),
        ("TOKEN_INVALID", {"aud": "another"}),
        ("TOKEN_INVALID", {"iss": "https://evil.test"}),
        ("TOKEN_INVALID", {"exp": None}),
        ("TOKEN_INVALID", {"iat": None}),
        ("TOKEN_INVALID", {"sub": None}),
        ("TOKEN_INVALID", {"sub": ""}),
        ("TOKEN_INVALID", {"role": None}),
        ("TOKEN_INVALID", {"role": "root"}),
        ("TOKEN_INVALID", {"role": ["admin"]}),
        ("TOKEN_INVALID", {"tenant": None}),
        ("TOKEN_INVALID", {"tenant": "*"}),
        ("TOKEN_INVALID", {"tenant": "../shop"}),
        ("TOKEN_INVALID", {"tenant": ["shop"]}),
        ("TOKEN_INVALID", {"stores": "all"}),
        ("TOKEN_INVALID", {"exp": "soon"}),
    ],
)
def test_bad_claims_are_refused(
    authority: Any, refusal: Refusal, code: str, changes: dict[str, Any]
) -> None:
    """Each claim that is missing, foreign or malformed has its refusal."""
    # jwt.encode itself refuses some of these, so they are signed by hand.
    head = _segment({"alg": "EdDSA", "kid": public_jwk(authority.platform)["kid"]})
    signed = f"{head}.{_segment(authority.claims(**changes))}"
    token = f"{signed}.{_segment(authority.platform.sign(signed.encode()))}"
    assert code == refusal(token)


def test_damaged_tokens_are_refused(authority: Any, refusal: Refusal) -> None:
    """Truncated, altered, empty and oversized texts are all typed refusals."""
    token = authority.token()
    head, body, signature = token.split(".")
    damaged = [
        token[:-4],
        f"{head}.{body}",
        f"{head}.{_segment(authority.claims(role='admin'))}.{signature}",
        "",
        "not a token",
        "a.b.c",
        "é.è.ê",
        token + "x" * 9000,
    ]
    assert {"TOKEN_INVALID"} == {refusal(text) for text in damaged}


def test_keys_sign_only_their_roles(authority: Any, refusal: Refusal) -> None:
    """The service key makes no admin, the platform key makes no service."""
    forged = [authority.token(authority.service, role="admin"), authority.token(role="service")]
    assert [refusal(token) for token in forged] == ["TOKEN_INVALID", "TOKEN_INVALID"]


def test_services_and_operators_may_act_across_tenants(authority: Any) -> None:
    """Only these two roles may carry the tenant *."""
    tokens = [
        authority.token(authority.service, role="service", tenant="*"),
        authority.token(role="operator", tenant="*"),
    ]
    assert [authority.verifier.verify(token).tenant_id for token in tokens] == ["*", "*"]


def test_a_remembered_token_still_expires(authority: Any) -> None:
    """The cache shortens verification, never a token's life."""
    now = [time.time()]
    verifier = TokenVerifier(authority.jwks, "https://issuer.test", "dangol", lambda: now[0])
    token = authority.token()
    verifier.verify(token)
    now[0] += 3600
    with pytest.raises(RpcFailure) as caught:
        verifier.verify(token)
    assert caught.value.code == Code.TOKEN_EXPIRED


def test_the_header_has_to_be_a_bearer_token(authority: Any) -> None:
    """Without a header, or with another scheme, nobody is let in."""
    codes = []
    for header in (None, "", "Basic dXNlcg==", "Bearer"):
        with pytest.raises(RpcFailure) as caught:
            authority.verifier.verify_header(header)
        codes.append(caught.value.code.value)
    assert codes == ["TOKEN_MISSING", "TOKEN_MISSING", "TOKEN_INVALID", "TOKEN_INVALID"]


def test_untrustworthy_key_sets_are_refused(authority: Any) -> None:
    """Symmetric, private, nameless and algorithm-less keys never enter the set."""
    good = public_jwk(authority.platform)
    bad = [
        {"kty": "oct", "k": "c2VjcmV0", "kid": "a", "alg": "HS256"},
        {**good, "alg": "HS256"},
        {name: value for name, value in good.items() if name != "alg"},
        {name: value for name, value in good.items() if name != "kid"},
        {**good, "d": "c2VjcmV0"},
        {**good, "dangol_roles": ["root"]},
    ]
    for entry in bad:
        with pytest.raises(ValueError, match=r"key|root"):
            TokenVerifier({"keys": [entry]}, "https://issuer.test", "dangol")


def test_require_compares_roles() -> None:
    """A role outside of the list is told so."""
    caller = Caller("shop", Role.CUSTOMER, "c1", (), "")
    set_caller(caller)
    assert caller == require(Role.CUSTOMER, Role.STAFF)
    assert caller == current_caller()
    with pytest.raises(RpcFailure) as caught:
        require(Role.ADMIN)
    assert caught.value.code == Code.ROLE_NOT_ALLOWED


def test_services_mint_their_own_tokens(authority: Any, tmp_path: Path) -> None:
    """A service's token verifies, names the service and tenant, and is reused."""
    key_file = tmp_path / "service.pem"
    key_file.write_bytes(
        authority.service.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    credentials = ServiceCredentials(key_file, "https://issuer.test", "dangol", "offers")
    token = credentials.token("shop")
    expected = Caller("shop", Role.SERVICE, "offers", (), token)
    assert expected == authority.verifier.verify(token)
    assert token == credentials.token("shop")
    assert authority.verifier.verify(credentials.token("*")).tenant_id == "*"
