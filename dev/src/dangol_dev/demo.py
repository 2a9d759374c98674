"""Two shops through the platform: `python -m dangol_dev.demo`, which `make demo` runs.

Settings come from the environment: FULL=1 replays all households (HOUSEHOLDS=n another number),
EXIT=1 leaves at the end, SUMMARY=file writes the figures as JSON (see `figures`), SEED=n chooses
another invented season and other households, CUSTOMERS=n another size of the invented shop.
"""

import asyncio
import base64
import contextlib
import hashlib
import os
import signal
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from dangol_cli.keys import create_keys
from dangol_service_kit.auth import ALL_TENANTS, Role
from rich.console import Console

from dangol_dev.bars import Bars
from dangol_dev.client import Client, Connection, Targets
from dangol_dev.examples import Examples, find_examples, print_examples
from dangol_dev.figures import ShopFigures, Summary
from dangol_dev.grocer import close as grocer_close
from dangol_dev.grocer.data import load
from dangol_dev.grocer.replay import TENANT_ID as GROCER
from dangol_dev.grocer.replay import GrocerReplay
from dangol_dev.processes import ProcessFailedError, end_with_parent
from dangol_dev.progress import OnProgress, ignore_progress
from dangol_dev.setting_up import Clients
from dangol_dev.simulator import close as shop_close
from dangol_dev.simulator.shop import CUSTOMER_COUNT, Shop
from dangol_dev.simulator.shop import TENANT_ID as SHOP
from dangol_dev.stack import Stack
from dangol_dev.summary import WIDTH, print_summary

STATE = Path(".dangol")
HOUSEHOLD_COUNT = 200


class Platform(Protocol):
    """What a run needs of a running stack."""

    targets: dict[str, str]

    def token(
        self, tenant_id: str, role: Role, subject: str | None = None, ttl_seconds: int = 86_400
    ) -> str:
        """A signed token."""


@dataclass(frozen=True)
class Options:
    """What to run. household_count None means all."""

    seed: int = 1
    household_count: int | None = HOUSEHOLD_COUNT
    customer_count: int = CUSTOMER_COUNT
    leave: bool = False
    summary_file: Path | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Options":
        """Raises ValueError for a number that is none."""
        households: int | None = int(environment.get("HOUSEHOLDS") or HOUSEHOLD_COUNT)
        if environment.get("FULL") == "1":
            households = None
        summary_file = environment.get("SUMMARY")
        return cls(
            seed=int(environment.get("SEED") or 1),
            household_count=households,
            customer_count=int(environment.get("CUSTOMERS") or CUSTOMER_COUNT),
            leave=environment.get("EXIT") == "1",
            summary_file=Path(summary_file) if summary_file else None,
        )


@dataclass(frozen=True)
class Outcome:
    """What a run comes to, and ids to go on with."""

    summary: Summary
    examples: Examples


def clients_for(platform: Platform, connection: Connection, tenant_id: str) -> Clients:
    """The program's clients for one tenant: as operator, as its admin and as a partner."""

    def of(tenant: str, role: Role) -> Client:
        token = platform.token(tenant, role)
        return Client(connection, lambda: token)

    return Clients(
        operator=of(ALL_TENANTS, Role.OPERATOR),
        admin=of(tenant_id, Role.ADMIN),
        partner=of(tenant_id, Role.PARTNER),
    )


def connect(platform: Platform) -> Connection:
    """Channels to the platform's services; close them at the end."""
    return Connection(
        Targets(
            profile=platform.targets["profile"],
            segmentation=platform.targets["segmentation"],
            offers=platform.targets["offers"],
        )
    )


async def run_shop(
    platform: Platform,
    connection: Connection,
    options: Options,
    on_progress: OnProgress = ignore_progress,
    tenant_id: str = SHOP,
) -> tuple[Shop, ShopFigures]:
    """A season of the invented shop, and its figures; the shop can still be asked afterwards."""
    shop = Shop(
        clients_for(platform, connection, tenant_id),
        options.seed,
        customer_count=options.customer_count,
        tenant_id=tenant_id,
        on_progress=on_progress,
    )
    await shop.prepare()
    await shop.run()
    return shop, await shop_close.closing_figures(shop)


async def prepare_grocer(
    platform: Platform,
    connection: Connection,
    options: Options,
    on_progress: OnProgress = ignore_progress,
) -> GrocerReplay:
    """Read the files and create what the replay needs."""
    data = await asyncio.to_thread(load, options.household_count, options.seed)
    clients = clients_for(platform, connection, GROCER)
    replay = GrocerReplay(clients, data, options.seed, on_progress)
    await replay.prepare()
    return replay


async def run_grocer(
    platform: Platform,
    connection: Connection,
    options: Options,
    on_progress: OnProgress = ignore_progress,
    prepared: GrocerReplay | None = None,
) -> tuple[GrocerReplay, ShopFigures]:
    """The grocer's year, prepared before or now, and its figures."""
    replay = prepared or await prepare_grocer(platform, connection, options, on_progress)
    await replay.run()
    full = options.household_count is None
    return replay, await grocer_close.closing_figures(replay, full=full)


async def run_demo(
    platform: Platform, options: Options, on_progress: OnProgress = ignore_progress
) -> Outcome:
    """Run both shops on a stack that is up, and read and check their figures.

    `on_progress` is awaited between two steps of a shop's clock. Services may be killed and
    restarted at any time: calls are repeated until they are answered.
    """
    started = time.monotonic()
    connection = connect(platform)
    try:
        # The grocer's customers and offers are created while the invented season runs.
        async with asyncio.TaskGroup() as group:
            season = group.create_task(run_shop(platform, connection, options, on_progress))
            prepared = group.create_task(prepare_grocer(platform, connection, options, on_progress))
        shop, shop_figures = season.result()
        _, grocer_figures = await run_grocer(
            platform, connection, options, on_progress, prepared.result()
        )
        examples = await find_examples(shop)
    finally:
        await connection.close()
    figures = [shop_figures, grocer_figures]
    return Outcome(Summary(options.seed, figures, time.monotonic() - started), examples)


def fix_keys(directory: Path, seed: int) -> None:
    """Keys for a demonstration: the master key is known and follows from the seed.

    Customers' ids and their assignment to control groups are derived from it, so that the same
    seed gives the same figures on every machine. Never do this anywhere else.
    """
    create_keys(directory)
    master = hashlib.sha256(f"dangol demonstration {seed}".encode()).digest()
    (directory / "master.key").write_bytes(base64.b64encode(master) + b"\n")


async def demonstrate(options: Options, console: Console) -> int:
    """Start a stack, run, show; the process's exit code: 1 when a check fails."""
    with tempfile.TemporaryDirectory(prefix="demo-", dir=STATE) as name:
        stack = Stack(Path(name))
        fix_keys(stack.keys, options.seed)
        console.print(f"Starting MongoDB, Redis and four services in {name} ...")
        async with stack:
            with Bars(console) as bars:
                outcome = await run_demo(stack, options, bars.show)
            summary = outcome.summary
            print_summary(console, summary)
            if options.summary_file:
                options.summary_file.write_text(summary.to_json())
            if not options.leave:
                print_examples(console, stack, outcome.examples)
                with contextlib.suppress(asyncio.CancelledError):
                    await asyncio.Event().wait()
                console.print("\nStopping ...")
    return 0 if summary.ok else 1


def main() -> None:
    """Run until Ctrl-C, or to the end with EXIT=1."""
    end_with_parent()
    console = Console(width=WIDTH) if not sys.stdout.isatty() else Console()
    options = Options.from_environment(os.environ)
    STATE.mkdir(exist_ok=True)
    try:
        sys.exit(asyncio.run(_until_signalled(options, console)))
    except ProcessFailedError as error:
        sys.exit(str(error))
    except (KeyboardInterrupt, asyncio.CancelledError):
        sys.exit("\nStopped before the end; nothing is left behind.")


async def _until_signalled(options: Options, console: Console) -> int:
    """SIGTERM ends the run as Ctrl-C does, so that everything is stopped in order."""
    task = asyncio.ensure_future(demonstrate(options, console))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    return await task


if __name__ == "__main__":
    main()
