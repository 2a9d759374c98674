"""The `dangol` command.

    dangol keys create DIRECTORY
    dangol keys rotate RING --ahead 10m
    dangol keys retire RING VERSION
    dangol tenant create ID --name TEXT --time-zone ZONE --currency CODE --language TAG
    dangol tenant list
    dangol token --tenant ID --role ROLE
    dangol sandbox create --tenant ID --name TEXT
    dangol sandbox advance SANDBOX --tenant ID --by 2d
    dangol sandbox reset SANDBOX --tenant ID
    dangol journey --gateway-url URL
    dangol epoch begin --segmentation-target HOST:PORT
    dangol import customers FILE --tenant ID
    dangol ledger verify --key FILE NOTE_FILE...
    dangol ledger export --tenant ID --format csv --output FILE

Every option can be given as a DANGOL_* variable instead, which `--help` names.
"""

import argparse
import asyncio
import os
import re
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from dangol_service_kit.auth import ALL_TENANTS, Role
from dangol_service_kit.config import ConfigError, TlsConfig, load
from dangol_service_kit.errors import RpcFailure
from dangol_service_kit.tls import Identity, identity_of

from dangol_cli import imports, journey, ledger, ledger_export, sandboxes
from dangol_cli.epochs import begin_epoch
from dangol_cli.import_rows import ImportFailure
from dangol_cli.keys import KeysError, create_keys, sign_token
from dangol_cli.rings import retire_ring, rotate_ring
from dangol_cli.tenants import NewTenant, create_tenant, list_tenants

_UNITS_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_DEFAULT_TTL_SECONDS = 86_400
_OPERATOR_TTL_SECONDS = 300
_JOURNEY_TTL_SECONDS = 900
_FAILURES = (
    *(KeysError, ledger.LedgerError, journey.JourneyError, ConfigError, ImportFailure, OSError),
)


class UsageError(Exception):
    """What was asked for cannot be done as it was written."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command; exit code 1 after a failure, 2 after a wrong use."""
    parser = _parser(os.environ)
    options = parser.parse_args(arguments)
    try:
        options.run(options)
    except UsageError as error:
        parser.error(str(error))
    except _FAILURES as error:
        sys.exit(f"dangol: {error}")
    except RpcFailure as failure:
        sys.exit(f"dangol: {_explain(failure)}")


def _explain(failure: RpcFailure) -> str:
    lines = [f"{failure.code.value}: {failure.message}"]
    lines += [f"  {field}: {problem}" for field, problem in failure.violations]
    return "\n".join(lines)


def _parser(environment: Mapping[str, str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="dangol", description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_keys(commands.add_parser("keys", help="key files of an installation"))
    _add_tenant(commands.add_parser("tenant", help="make and list tenants"), environment)
    _add_token(commands.add_parser("token", help="sign a token and print it"), environment)
    _add_sandbox(
        commands.add_parser("sandbox", help="a tenant beside a real one, for tests"), environment
    )
    _add_journey(
        commands.add_parser("journey", help="try an installation: event to redeemed gift"),
        environment,
    )
    _add_epoch(
        commands.add_parser("epoch", help="have Redis rebuilt after MongoDB was restored"),
        environment,
    )
    importing = commands.add_parser("import", help="customers or events from a file")
    imports.add_options(importing)
    _add_option(importing, environment, "--profile-target", "host:port of profile")
    _add_signing(importing, environment)
    importing.set_defaults(run=_import)
    _add_ledger(
        commands.add_parser("ledger", help="export entries, check exported checkpoints"),
        environment,
    )
    return parser


def _add_keys(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    create = commands.add_parser(
        "create",
        help="write the platform's key, one a service, their JWKS, a master and a checkpoint key",
    )
    create.add_argument("directory", type=Path)
    create.set_defaults(run=_keys_create)
    rotate = commands.add_parser("rotate", help="add the next version to a ring of sealing keys")
    rotate.add_argument("ring", type=Path)
    rotate.add_argument(
        "--ahead", default="10m", metavar="DURATION", help="when it comes into use: 10m from now"
    )
    rotate.set_defaults(run=_keys_rotate)
    retire = commands.add_parser("retire", help="destroy a version nothing lies under any more")
    retire.add_argument("ring", type=Path)
    retire.add_argument("version", type=int)
    retire.set_defaults(run=_keys_retire)


def _add_tenant(parser: argparse.ArgumentParser, environment: Mapping[str, str]) -> None:
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    create = commands.add_parser("create", help="make a tenant; the same again changes nothing")
    create.add_argument("tenant_id", metavar="ID", help="lower-case letters, digits and dashes")
    create.add_argument("--name", required=True, help="what people call the shop")
    create.add_argument("--time-zone", required=True, help="IANA name, for example Asia/Seoul")
    create.add_argument("--currency", required=True, help="ISO 4217, for example KRW")
    create.add_argument("--language", required=True, help="BCP 47, for example ko")
    create.add_argument(
        "--virtual-from",
        metavar="ISO_TIME",
        help="give the tenant a virtual clock that starts here and moves only when told",
    )
    create.set_defaults(run=_tenant_create)
    listing = commands.add_parser("list", help="print one line a tenant")
    listing.set_defaults(run=_tenant_list)
    for command in (create, listing):
        _add_option(command, environment, "--profile-target", "host:port of profile")
        _add_signing(command, environment)


def _add_token(parser: argparse.ArgumentParser, environment: Mapping[str, str]) -> None:
    roles = [role.value for role in Role if role is not Role.SERVICE]
    parser.add_argument("--tenant", default=None, help="tenant id; not needed for operators")
    parser.add_argument("--role", required=True, choices=roles)
    parser.add_argument("--subject", help="who; for customers the customer's id")
    parser.add_argument(
        "--ttl", default="1d", metavar="DURATION", help="such as 15m, 8h or 1d (default)"
    )
    _add_signing(parser, environment)
    parser.set_defaults(run=_token)


def _add_sandbox(parser: argparse.ArgumentParser, environment: Mapping[str, str]) -> None:
    def add_common(command: argparse.ArgumentParser, service: str) -> None:
        _add_option(command, environment, f"--{service}-target", f"host:port of {service}")
        _add_signing(command, environment)

    sandboxes.add_options(parser, add_common)
    parser.set_defaults(run=_sandbox)


def _add_journey(parser: argparse.ArgumentParser, environment: Mapping[str, str]) -> None:
    _add_option(parser, environment, "--gateway-url", "where the gateway answers: http://host:port")
    _add_option(parser, environment, "--profile-target", "host:port of profile")
    _add_signing(parser, environment)
    parser.set_defaults(run=_journey)


def _add_epoch(parser: argparse.ArgumentParser, environment: Mapping[str, str]) -> None:
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    begin = commands.add_parser("begin", help="build all state anew from history")
    _add_option(begin, environment, "--segmentation-target", "host:port of segmentation")
    _add_signing(begin, environment)
    begin.set_defaults(run=_epoch_begin)


def _add_ledger(parser: argparse.ArgumentParser, environment: Mapping[str, str]) -> None:
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    verify = commands.add_parser("verify", help="check signatures, order and accounts")
    verify.add_argument("notes", type=Path, nargs="+", metavar="NOTE_FILE")
    verify.add_argument("--key", type=Path, required=True, help="verifier keys, one a line")
    verify.add_argument("--accounts", type=Path, help="the newest checkpoint's list of accounts")
    verify.set_defaults(run=_ledger_verify)
    export = commands.add_parser("export", help="write entries as CSV or JSON Lines")
    ledger_export.add_options(export)
    _add_option(export, environment, "--offers-target", "host:port of offers")
    _add_signing(export, environment)
    export.set_defaults(run=_ledger_export)


def _add_signing(parser: argparse.ArgumentParser, environment: Mapping[str, str]) -> None:
    _add_option(parser, environment, "--platform-key-file", "the platform's private key (PEM)")
    _add_option(parser, environment, "--auth-issuer", "the tokens' issuer")
    _add_option(parser, environment, "--auth-audience", "the tokens' audience")


def _add_option(
    parser: argparse.ArgumentParser, environment: Mapping[str, str], flag: str, meaning: str
) -> None:
    variable = "DANGOL_" + flag.removeprefix("--").replace("-", "_").upper()
    value = environment.get(variable) or None
    parser.add_argument(
        flag, default=value, required=value is None, help=f"{meaning}; or set {variable}"
    )


def _keys_create(options: argparse.Namespace) -> None:
    create_keys(options.directory)
    print(f"wrote jwks.json, checkpoint.pub and the private keys to {options.directory}")


def _keys_rotate(options: argparse.Namespace) -> None:
    added = rotate_ring(options.ring, _duration_seconds("--ahead", options.ahead))
    at = datetime.fromtimestamp(added.active_ms / 1000, UTC).isoformat()
    print(f"version {added.version} comes into use at {at}")


def _keys_retire(options: argparse.Namespace) -> None:
    retire_ring(options.ring, options.version)
    print(f"version {options.version} is gone from {options.ring}: destroy every copy of it")


def _tenant_create(options: argparse.Namespace) -> None:
    tenant = NewTenant(
        tenant_id=options.tenant_id,
        display_name=options.name,
        time_zone=options.time_zone,
        currency_code=options.currency,
        language=options.language,
        virtual_from=_instant("--virtual-from", options.virtual_from),
    )
    target, token = options.profile_target, _operator_token(options)
    print(asyncio.run(create_tenant(target, token, tenant, _identity())))


def _tenant_list(options: argparse.Namespace) -> None:
    target, token = options.profile_target, _operator_token(options)
    for line in asyncio.run(list_tenants(target, token, _identity())):
        print(line)


def _journey(options: argparse.Namespace) -> None:
    tenant = NewTenant(
        tenant_id=journey.TENANT_ID,
        display_name="Journey",
        time_zone="Asia/Seoul",
        currency_code=journey.CURRENCY,
        language="ko",
    )
    token = _operator_token(options)
    asyncio.run(create_tenant(options.profile_target, token, tenant, _identity()))

    def sign(role: Role, subject: str) -> str:
        return _sign(options, journey.TENANT_ID, role, subject, _JOURNEY_TTL_SECONDS)

    for line in journey.Journey(frontend=journey.Frontend(options.gateway_url), sign=sign).run():
        print(f"ok  {line}", flush=True)


def _sandbox(options: argparse.Namespace) -> None:
    token = _sign(options, options.tenant, Role.ADMIN, "dangol-cli", _JOURNEY_TTL_SECONDS)
    target = getattr(options, "offers_target", None) or options.profile_target
    admin = sandboxes.SandboxAdmin(target, token, options.request_id, _identity())
    match options.step:
        case "create":
            start = _instant("--clock-start", options.clock_start)
            print(asyncio.run(admin.create(options.name, start)))
        case "list":
            for line in asyncio.run(admin.list()):
                print(line)
        case "advance":
            seconds = _duration_seconds("--by", options.by)
            print(asyncio.run(admin.advance(options.sandbox_id, seconds)))
        case "reset":
            print(asyncio.run(admin.reset(options.sandbox_id)))
        case _:
            print(asyncio.run(admin.end(options.sandbox_id)))


def _epoch_begin(options: argparse.Namespace) -> None:
    target, token = options.segmentation_target, _operator_token(options)
    print(asyncio.run(begin_epoch(target, token, _identity())))


def _identity() -> Identity | None:
    """For an installation whose services speak TLS: the DANGOL_TLS_* files, as they read them."""
    return identity_of(load(TlsConfig, os.environ))


def _token(options: argparse.Namespace) -> None:
    role = Role(options.role)
    tenant_id = ALL_TENANTS if role is Role.OPERATOR else options.tenant
    if not tenant_id:
        raise UsageError(f"a token for role {role.value} needs --tenant")
    if role is Role.CUSTOMER and not options.subject:
        raise UsageError("a customer's token needs --subject with the customer's id")
    subject = options.subject or f"dangol-cli-{role.value}"
    print(_sign(options, tenant_id, role, subject, _duration_seconds("--ttl", options.ttl)))


def _ledger_verify(options: argparse.Namespace) -> None:
    for line in ledger.verify(options.key, options.notes, options.accounts):
        print(line)


def _ledger_export(options: argparse.Namespace) -> None:
    wanted = ledger_export.Wanted(
        account=options.account,
        order=options.order,
        customer=options.customer,
        campaign=options.campaign,
        start=_instant("--from", options.start),
        end=_instant("--to", options.end),
    )

    def sign() -> str:
        return _sign(options, options.tenant, Role.ADMIN, "dangol-cli", _OPERATOR_TTL_SECONDS)

    writing = ledger_export.export(
        options.offers_target,
        sign,
        wanted,
        form=options.format,
        output=options.output,
        identity=_identity(),
    )
    asyncio.run(writing)


def _import(options: argparse.Namespace) -> None:
    def sign() -> str:
        return _sign(options, options.tenant, Role.ADMIN, "dangol-cli", _OPERATOR_TTL_SECONDS)

    running = imports.run_import(options.profile_target, sign, options, _identity())
    print(asyncio.run(running))


def _operator_token(options: argparse.Namespace) -> str:
    return _sign(options, ALL_TENANTS, Role.OPERATOR, "dangol-cli", _OPERATOR_TTL_SECONDS)


def _sign(
    options: argparse.Namespace, tenant_id: str, role: Role, subject: str, ttl_seconds: int
) -> str:
    return sign_token(
        Path(options.platform_key_file),
        issuer=options.auth_issuer,
        audience=options.auth_audience,
        tenant_id=tenant_id,
        role=role,
        subject=subject,
        ttl_seconds=ttl_seconds,
    )


def _duration_seconds(flag: str, text: str) -> int:
    match = re.fullmatch(r"([1-9]\d{0,6})([smhd])", text)
    if match is None:
        raise UsageError(f"{flag} {text}: write a whole number and s, m, h or d")
    return int(match[1]) * _UNITS_SECONDS[match[2]]


def _instant(option: str, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{option} {text}: write a time such as 2017-01-01T00:00Z") from None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


if __name__ == "__main__":
    main()
