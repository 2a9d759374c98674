"""Runs a development stack: `python -m dangol_dev up|down|status|token`."""

import argparse
import asyncio
import os
import re
import sys
from pathlib import Path

from dangol_cli.keys import KeysError
from dangol_service_kit.auth import ALL_TENANTS, Role
from dangol_service_kit.errors import RpcFailure

from dangol_dev import supervisor
from dangol_dev.processes import ProcessFailedError
from dangol_dev.stack import Ports, Stack, sign_stack_token

STATE = Path(".dangol")


def main() -> None:
    """Run one command; exit code 1 after a failure."""
    options = _parser().parse_args()
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,38}", options.name):
        sys.exit("--name takes lower-case letters, digits and dashes")
    try:
        sys.exit(options.run(options))
    except (supervisor.AlreadyRunningError, ProcessFailedError, KeysError) as error:
        sys.exit(str(error))
    except RpcFailure as failure:
        sys.exit(f"{failure.code.value}: {failure.message}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m dangol_dev", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    add = commands.add_parser
    up = add("up", help="run a stack in the foreground")
    up.add_argument(
        "--replicas", type=int, default=1, help="processes of each service (default: 1)"
    )
    down = add("down", help="stop the stack of that name")
    status = add("status", help="print which processes run, and their addresses")
    token = add("token", help="print a token signed with the stack's key")
    token.add_argument("--tenant", default=supervisor.DEVELOPMENT_TENANT.tenant_id)
    roles = [role.value for role in Role if role is not Role.SERVICE]
    token.add_argument("--role", required=True, choices=roles)
    token.add_argument("--subject", help="who; for customers the customer's id")
    for command, run in ((up, _up), (down, _down), (status, _status), (token, _token)):
        command.add_argument("--name", default="default", help="which stack (default: default)")
        command.set_defaults(run=run)
    return parser


def _up(options: argparse.Namespace) -> int:
    stack = Stack(
        STATE / options.name,
        Ports.usual(),
        mongodb_uri=os.environ.get("DANGOL_MONGODB_URI") or None,
        redis_url=os.environ.get("DANGOL_REDIS_URL") or None,
        replicas=max(1, options.replicas),
        storefront=supervisor.DEVELOPMENT_TENANT.tenant_id,
    )
    return asyncio.run(supervisor.up(stack, options.name))


def _down(options: argparse.Namespace) -> int:
    print(asyncio.run(supervisor.down(STATE / options.name)))
    return 0


def _status(options: argparse.Namespace) -> int:
    print("\n".join(supervisor.status(STATE / options.name)))
    return 0


def _token(options: argparse.Namespace) -> int:
    role = Role(options.role)
    if role is Role.CUSTOMER and not options.subject:
        sys.exit("a customer's token needs the customer's id: SUBJECT=customer-id")
    tenant_id = ALL_TENANTS if role is Role.OPERATOR else options.tenant
    keys = STATE / options.name / "keys"
    print(sign_stack_token(keys, tenant_id, role, options.subject))
    return 0


if __name__ == "__main__":
    main()
