"""Key files of an installation, and tokens signed with the platform's key.

A directory made by `create_keys` holds:
    jwks.json      the public keys; `dangol_roles` says which roles each key may sign
    platform.pem   private key for people and partners (every role but service)
    NAME.pem       private key of one service (role service only)
    visitor.pem    private key of visitors' tokens, which read nothing
    master.key     base64 of 32 random bytes, from which tenants' secrets are derived
    checkpoint.pem private key that signs the ledger's checkpoints
    checkpoint.pub its public half as a verifier key, for auditors
"""

import base64
import json
import os
import secrets
import time
import uuid
from collections.abc import Sequence
from pathlib import Path

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from dangol_service_kit.auth import Role, key_id, public_jwk
from dangol_service_kit.notes import VerifierKey

SERVICES = ("profile", "segmentation", "offers", "gateway")
PLATFORM_ROLES = tuple(role for role in Role if role is not Role.SERVICE)
CHECKPOINT_KEY_NAME = "dangol-ledger"
_PRIVATE_FILE_MODE = 0o600


class KeysError(Exception):
    """A key file is missing, malformed or would be overwritten."""


def create_keys(directory: Path) -> None:
    """Write a new set of keys; raises KeysError when the directory already has one."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    if (directory / "jwks.json").exists():
        raise KeysError(f"{directory} already has keys; they are never overwritten")
    entries = [_create_key(directory / "platform.pem", PLATFORM_ROLES)]
    entries += [_create_key(directory / f"{name}.pem", [Role.SERVICE]) for name in SERVICES]
    _write_private(directory / "master.key", base64.b64encode(secrets.token_bytes(32)) + b"\n")
    add_checkpoint_key(directory)
    # Last, since its presence says that the set is complete.
    _write_jwks(directory, [*entries, _visitor_entry(directory)])


def add_visitor_key(directory: Path) -> None:
    """Write the key of visitors' tokens, and its public half to the JWKS, unless it is there."""
    if (directory / "visitor.pem").exists():
        return
    entries = json.loads((directory / "jwks.json").read_text())["keys"]
    _write_jwks(directory, [*entries, _visitor_entry(directory)])


def _visitor_entry(directory: Path) -> dict[str, object]:
    entry = _create_key(directory / "visitor.pem", [Role.VISITOR])
    return {**entry, "dangol_write_only": True}


def _write_jwks(directory: Path, entries: Sequence[dict[str, object]]) -> None:
    text = json.dumps({"keys": list(entries)}, indent=2) + "\n"
    (directory / "jwks.json").write_text(text)


def add_checkpoint_key(directory: Path) -> None:
    """Write the key that signs checkpoints, unless the directory has one."""
    path = directory / "checkpoint.pem"
    if path.exists():
        return
    key = Ed25519PrivateKey.generate()
    verifier = VerifierKey(CHECKPOINT_KEY_NAME, key.public_key())
    (directory / "checkpoint.pub").write_text(f"{verifier}\n")
    _write_private(path, _pem(key))


def sign_token(
    key_file: Path,
    *,
    issuer: str,
    audience: str,
    tenant_id: str,
    role: Role,
    subject: str,
    ttl_seconds: int,
) -> str:
    """A token for one person or partner; `subject` of a customer is the customer's id.

    Raises KeysError when the key file cannot be read.
    """
    key = _load(key_file)
    now_seconds = int(time.time())
    claims = {
        "iss": issuer,
        "aud": audience,
        "iat": now_seconds,
        "exp": now_seconds + ttl_seconds,
        "jti": uuid.uuid4().hex,
        "sub": subject,
        "tenant": tenant_id,
        "role": role.value,
    }
    return jwt.encode(claims, key, algorithm="EdDSA", headers={"kid": key_id(key)})


def _create_key(path: Path, roles: Sequence[Role]) -> dict[str, object]:
    key = Ed25519PrivateKey.generate()
    _write_private(path, _pem(key))
    return {**public_jwk(key), "dangol_roles": [role.value for role in roles]}


def _pem(key: Ed25519PrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _load(key_file: Path) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(key_file.read_bytes(), password=None)
    except FileNotFoundError:
        raise KeysError(f"{key_file} does not exist; `dangol keys create` makes it") from None
    except ValueError:
        raise KeysError(f"{key_file} is not a PEM private key") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise KeysError(f"{key_file} is not an Ed25519 key")
    return key


def _write_private(path: Path, content: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    with os.fdopen(os.open(path, flags, _PRIVATE_FILE_MODE), "wb") as file:
        file.write(content)
