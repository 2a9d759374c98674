"""Configuration: read from DANGOL_* only, and every error told at once."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from dangol_service_kit.config import ConfigError, ServiceConfig, load

COMPLETE = {
    "DANGOL_LISTEN": "127.0.0.1:50051",
    "DANGOL_AUTH_JWKS_FILE": "/keys/jwks.json",
    "DANGOL_AUTH_ISSUER": "https://issuer.test",
    "DANGOL_AUTH_AUDIENCE": "dangol",
    "DANGOL_SERVICE_KEY_FILE": "/keys/service.pem",
    "DANGOL_MASTER_KEY_FILE": "/keys/master",
}


@dataclass(frozen=True, kw_only=True)
class ShopConfig(ServiceConfig):
    """A service's own configuration on top of the common one."""

    batch_size: int
    sample_ratio: float = 0.5
    graphiql: bool = False
    cors_origins: tuple[str, ...] = ()


def test_variables_become_typed_fields() -> None:
    """Each field is read from its variable and given its type."""
    config = load(
        ShopConfig,
        {
            **COMPLETE,
            "DANGOL_BATCH_SIZE": " 12 ",
            "DANGOL_GRAPHIQL": "TRUE",
            "DANGOL_CORS_ORIGINS": "https://a.test, https://b.test,",
            "DANGOL_OTLP_ENDPOINT": "http://collector:4317",
        },
    )
    expected = ShopConfig(
        listen="127.0.0.1:50051",
        auth_jwks_file=Path("/keys/jwks.json"),
        auth_issuer="https://issuer.test",
        auth_audience="dangol",
        service_key_file=Path("/keys/service.pem"),
        master_key_file=Path("/keys/master"),
        otlp_endpoint="http://collector:4317",
        batch_size=12,
        graphiql=True,
        cors_origins=("https://a.test", "https://b.test"),
    )
    assert expected == config


def test_every_error_is_reported_at_once() -> None:
    """Missing and malformed variables appear together, in order of name."""
    environ = {
        **COMPLETE,
        "DANGOL_LISTEN": "  ",
        "DANGOL_BATCH_SIZE": "twelve",
        "DANGOL_SAMPLE_RATIO": "half",
        "DANGOL_GRAPHIQL": "maybe",
    }
    del environ["DANGOL_MASTER_KEY_FILE"]
    with pytest.raises(ConfigError) as caught:
        load(ShopConfig, environ)
    expected = [
        "DANGOL_BATCH_SIZE must be a whole number",
        "DANGOL_GRAPHIQL must be true or false",
        "DANGOL_LISTEN is not set",
        "DANGOL_MASTER_KEY_FILE is not set",
        "DANGOL_SAMPLE_RATIO must be a number",
    ]
    assert expected == caught.value.errors


def test_errors_do_not_repeat_values() -> None:
    """A malformed value may be a secret, so the message leaves it out."""
    with pytest.raises(ConfigError) as caught:
        load(ShopConfig, {**COMPLETE, "DANGOL_BATCH_SIZE": "hunter2"})
    assert "hunter2" not in str(caught.value)


def test_a_text_may_stand_in_a_file(tmp_path: Path) -> None:
    """DANGOL_X_FILE names it; the line break at its end is no part of it."""
    secret = tmp_path / "issuer"
    secret.write_text("https://issuer.test\n")
    environ = {**COMPLETE, "DANGOL_BATCH_SIZE": "1", "DANGOL_AUTH_ISSUER_FILE": str(secret)}
    del environ["DANGOL_AUTH_ISSUER"]
    assert "https://issuer.test" == load(ShopConfig, environ).auth_issuer


@pytest.mark.parametrize(
    ("given", "content", "error"),
    [
        ("here", "there", "DANGOL_AUTH_ISSUER and DANGOL_AUTH_ISSUER_FILE are both set; set one"),
        ("", " \n", "DANGOL_AUTH_ISSUER_FILE names an empty file"),
        ("", None, "DANGOL_AUTH_ISSUER_FILE cannot be read: FileNotFoundError"),
    ],
)
def test_a_file_that_gives_no_text_is_told(
    given: str, content: str | None, error: str, tmp_path: Path
) -> None:
    """By the name of its variable, and without what is in it."""
    path = tmp_path / "issuer"
    if content is not None:
        path.write_text(content)
    environ = {
        **COMPLETE,
        "DANGOL_BATCH_SIZE": "1",
        "DANGOL_AUTH_ISSUER": given,
        "DANGOL_AUTH_ISSUER_FILE": str(path),
    }
    with pytest.raises(ConfigError) as caught:
        load(ShopConfig, environ)
    assert [error] == caught.value.errors


def test_service_links_of_kubernetes_are_not_read() -> None:
    """Variables without the prefix never reach the configuration."""
    config = load(ShopConfig, {**COMPLETE, "DANGOL_BATCH_SIZE": "1", "LISTEN": "tcp://10.0.0.1"})
    assert config.listen == "127.0.0.1:50051"
