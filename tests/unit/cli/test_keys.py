"""Key files and tokens: what `dangol keys create` writes is what services trust."""

import base64
import json
import stat
from pathlib import Path

import pytest
from dangol_cli.keys import KeysError, add_visitor_key, create_keys, sign_token
from dangol_service_kit.auth import Role, ServiceCredentials, verifier_from_file
from dangol_service_kit.errors import Code, RpcFailure


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with a new set of keys."""
    directory = tmp_path_factory.mktemp("installation") / "keys"
    create_keys(directory)
    return directory


def _sign(keys: Path, role: Role, key: str = "platform", ttl_seconds: int = 60) -> str:
    return sign_token(
        keys / f"{key}.pem",
        issuer="issuer",
        audience="audience",
        tenant_id="shop",
        role=role,
        subject="someone",
        ttl_seconds=ttl_seconds,
    )


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SERVICE])
def test_platform_tokens_are_trusted(keys: Path, role: Role) -> None:
    """The platform's key signs every role that a person or partner can have."""
    verifier = verifier_from_file(keys / "jwks.json", "issuer", "audience")
    caller = verifier.verify(_sign(keys, role))
    assert ("shop", role, "someone") == (caller.tenant_id, caller.role, caller.subject)


@pytest.mark.parametrize(
    ("role", "key"),
    [(Role.SERVICE, "platform"), (Role.ADMIN, "offers"), (Role.OPERATOR, "gateway")],
)
def test_keys_sign_their_own_roles_only(keys: Path, role: Role, key: str) -> None:
    """The platform's key cannot make a service, and a service's key cannot make a person."""
    verifier = verifier_from_file(keys / "jwks.json", "issuer", "audience")
    with pytest.raises(RpcFailure) as failure:
        verifier.verify(_sign(keys, role, key))
    assert Code.TOKEN_INVALID == failure.value.code


@pytest.mark.parametrize("name", ["profile", "segmentation", "offers", "gateway"])
def test_services_can_act_in_their_own_name(keys: Path, name: str) -> None:
    """Each service's key mints service tokens that the others trust."""
    verifier = verifier_from_file(keys / "jwks.json", "issuer", "audience")
    credentials = ServiceCredentials(keys / f"{name}.pem", "issuer", "audience", name)
    caller = verifier.verify(credentials.token("*"))
    assert (Role.SERVICE, name) == (caller.role, caller.subject)


def test_an_expired_token_is_refused(keys: Path) -> None:
    """A token's time is what was asked for."""
    verifier = verifier_from_file(keys / "jwks.json", "issuer", "audience")
    with pytest.raises(RpcFailure) as failure:
        verifier.verify(_sign(keys, Role.ADMIN, ttl_seconds=-60))
    assert Code.TOKEN_EXPIRED == failure.value.code


def test_private_files_are_private(keys: Path) -> None:
    """Only the owner reads private keys and the master key; the JWKS holds public keys alone."""
    private = [*keys.glob("*.pem"), keys / "master.key"]
    assert 8 == len(private)
    assert {0o600} == {stat.S_IMODE(path.stat().st_mode) for path in private}
    assert 32 == len(base64.b64decode((keys / "master.key").read_text()))
    entries = json.loads((keys / "jwks.json").read_text())["keys"]
    assert 6 == len({entry["kid"] for entry in entries})
    assert not any("d" in entry for entry in entries)


def test_visitors_tokens_have_a_key_of_their_own(keys: Path) -> None:
    """Which may write and signs no other role; keys of an earlier version get one, once."""
    path = keys / "jwks.json"
    before = json.loads(path.read_text())["keys"]
    assert ({"dangol_roles": ["visitor"], "dangol_write_only": True}.items()) <= before[-1].items()
    add_visitor_key(keys)
    assert before == json.loads(path.read_text())["keys"]
    (keys / "visitor.pem").unlink()
    path.write_text(json.dumps({"keys": before[:-1]}))
    add_visitor_key(keys)
    after = json.loads(path.read_text())["keys"]
    assert (before[:-1], ["visitor"]) == (after[:-1], after[-1]["dangol_roles"])


def test_keys_are_never_overwritten(keys: Path) -> None:
    """A second creation is refused and leaves the first as it was."""
    before = (keys / "master.key").read_bytes()
    with pytest.raises(KeysError, match="never overwritten"):
        create_keys(keys)
    assert before == (keys / "master.key").read_bytes()


@pytest.mark.parametrize(("content", "message"), [(None, "does not exist"), ("text", "not a PEM")])
def test_an_unusable_key_file_is_named(tmp_path: Path, content: str | None, message: str) -> None:
    """A missing or broken key file is refused with its path."""
    path = tmp_path / "platform.pem"
    if content is not None:
        path.write_text(content)
    with pytest.raises(KeysError, match=f"platform.pem.*{message}"):
        _sign(tmp_path, Role.ADMIN)
