"""Products, how an upsert changes them, and what of it is news. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

REQUESTS_KEPT_MAX: Final = 20
CHANGEABLE: Final = ("name", "category", "price", "stock", "launch_time")
READ_ONLY: Final = ("product_id", "version", "create_time", "update_time")


class NewsKind(StrEnum):
    """The types of the events that bring the news."""

    PRICE_DROPPED = "price_dropped"
    RESTOCKED = "restocked"
    LAUNCHED = "launched"


class UpsertOutcome(StrEnum):
    """What became of one product's upsert."""

    CREATED = "CREATED"
    CHANGED = "CHANGED"
    UNCHANGED = "UNCHANGED"
    VERSION_CONFLICT = "VERSION_CONFLICT"
    REQUEST_CONFLICT = "REQUEST_CONFLICT"


@dataclass(frozen=True, slots=True)
class Details:
    """What is known of a product; None and empty: unknown. price in minor units of the tenant's
    currency, launch_time in UTC milliseconds."""

    name: str = ""
    category: str = ""
    price: int | None = None
    stock: int | None = None
    launch_time: int | None = None


@dataclass(frozen=True, slots=True)
class News:
    """One change that customers wait for. at_ms is the tenant's time; prices in minor units.

    related: whether buyers of what goes with the product hear of it too.
    """

    kind: NewsKind
    version: int
    at_ms: int
    related: bool
    old_price: int | None = None
    new_price: int | None = None


@dataclass(frozen=True, slots=True)
class Launch:
    """A launch that is told when its time comes."""

    at_ms: int
    related: bool


@dataclass(frozen=True, slots=True)
class Answered:
    """An upsert that this product has seen: its keyed id, the hash of its content, its answer."""

    key: bytes
    fingerprint: bytes
    outcome: UpsertOutcome
    version: int
    news: tuple[NewsKind, ...] = ()


@dataclass(frozen=True, slots=True)
class Product:
    """version counts what clients changed, revision every write.

    pending: news that the list of news does not have yet. Times are the tenant's, in UTC
    milliseconds.
    """

    tenant_id: str
    product_id: str
    version: int
    revision: int
    details: Details
    created_ms: int
    updated_ms: int
    pending: tuple[News, ...] = ()
    launch: Launch | None = None
    requests: tuple[Answered, ...] = ()


@dataclass(frozen=True, slots=True)
class Upsert:
    """Of details what paths name is taken. expected_version 0: whatever stands there."""

    tenant_id: str
    product_id: str
    details: Details
    paths: tuple[str, ...]
    expected_version: int
    key: bytes
    fingerprint: bytes
    quiet: frozenset[NewsKind] = frozenset()
    related: bool = True


def check_mask(paths: Iterable[str], position: int) -> list[tuple[str, str]]:
    """(field path, what to do) for each path that an upsert may not name."""
    wrong = []
    for number, path in enumerate(paths):
        field = f"upserts[{position}].update_mask.paths[{number}]"
        if path in READ_ONLY:
            wrong.append((field, f"{path} is read-only: name some of {', '.join(CHANGEABLE)}"))
        elif path not in CHANGEABLE:
            wrong.append((field, f"there is no such field: name some of {', '.join(CHANGEABLE)}"))
    return wrong


def check_duplicates(product_ids: Sequence[str]) -> list[tuple[str, str]]:
    """(field path, what to do) for each product that a request names again."""
    seen: dict[str, int] = {}
    wrong = []
    for position, product_id in enumerate(product_ids):
        first = seen.setdefault(product_id, position)
        if first != position:
            field = f"upserts[{position}].product.product_id"
            wrong.append((field, f"upserts[{first}] has the same product: send each once"))
    return wrong


def decide_upsert(
    product: Product | None, upsert: Upsert, now_ms: int
) -> tuple[Product | None, Answered]:
    """The product after an upsert, the very same object when nothing is to be written, and the
    answer."""
    known = _answered_before(product, upsert)
    if known is not None:
        return product, known
    version = product.version if product else 0
    if upsert.expected_version not in (0, version):
        return product, _refusal(upsert, UpsertOutcome.VERSION_CONFLICT, version)
    before = product or _unknown(upsert, now_ms)
    details = replace(before.details, **{one: getattr(upsert.details, one) for one in upsert.paths})
    if product is not None and details == product.details:
        answer = Answered(upsert.key, upsert.fingerprint, UpsertOutcome.UNCHANGED, version)
        return _remember(replace(product, revision=product.revision + 1), answer), answer
    changed = replace(
        before,
        version=version + 1,
        revision=before.revision + 1,
        details=details,
        updated_ms=now_ms,
    )
    news, launch = _news_of(product, changed, upsert, now_ms)
    kinds = tuple(one.kind for one in news)
    if launch is not None and launch != before.launch:
        kinds = (*kinds, NewsKind.LAUNCHED)
    outcome = UpsertOutcome.CHANGED if product else UpsertOutcome.CREATED
    answer = Answered(upsert.key, upsert.fingerprint, outcome, changed.version, kinds)
    told = replace(changed, pending=(*before.pending, *news), launch=launch)
    return _remember(told, answer), answer


def _news_of(
    product: Product | None, changed: Product, upsert: Upsert, now_ms: int
) -> tuple[list[News], Launch | None]:
    """What is news now, and the launch that will be.

    A product that comes to be known tells nothing but a launch ahead: an import of a catalogue is
    no news.
    """
    old, new = product.details if product else Details(), changed.details
    news = []
    if None not in (old.price, new.price) and (new.price or 0) < (old.price or 0):
        news.append((NewsKind.PRICE_DROPPED, old.price, new.price))
    if old.stock == 0 and (new.stock or 0) > 0:
        news.append((NewsKind.RESTOCKED, None, new.price))
    waiting = product.launch if product else None
    launch = waiting
    if new.launch_time != old.launch_time:
        ahead = new.launch_time is not None and new.launch_time > now_ms
        launch = Launch(new.launch_time or 0, upsert.related) if ahead else None
        if waiting is not None and new.launch_time is not None and not ahead:
            # It was to come later, and is there now.
            news.append((NewsKind.LAUNCHED, None, new.price))
    if NewsKind.LAUNCHED in upsert.quiet and launch is not waiting:
        launch = None
    return [
        News(kind, changed.version, now_ms, upsert.related, before, after)
        for kind, before, after in news
        if kind not in upsert.quiet
    ], launch


def launch_now(product: Product, now_ms: int) -> Product:
    """The product with its launch among what is to be told, if its time has come."""
    if product.launch is None or product.launch.at_ms > now_ms:
        return product
    news = News(
        NewsKind.LAUNCHED,
        product.version,
        product.launch.at_ms,
        product.launch.related,
        None,
        product.details.price,
    )
    pending = (*product.pending, news)
    return replace(product, revision=product.revision + 1, pending=pending, launch=None)


def listed(product: Product, news: Sequence[News]) -> Product:
    """The product without news that the list of news has by now."""
    left = tuple(one for one in product.pending if one not in news)
    return replace(product, revision=product.revision + 1, pending=left)


def _answered_before(product: Product | None, upsert: Upsert) -> Answered | None:
    for one in product.requests if product else ():
        if one.key == upsert.key:
            if one.fingerprint == upsert.fingerprint:
                return one
            version = product.version if product else 0
            return _refusal(upsert, UpsertOutcome.REQUEST_CONFLICT, version)
    return None


def _refusal(upsert: Upsert, outcome: UpsertOutcome, version: int) -> Answered:
    return Answered(upsert.key, upsert.fingerprint, outcome, version)


def _unknown(upsert: Upsert, now_ms: int) -> Product:
    return Product(upsert.tenant_id, upsert.product_id, 0, 0, Details(), now_ms, now_ms)


def _remember(product: Product, answer: Answered) -> Product:
    return replace(product, requests=(*product.requests, answer)[-REQUESTS_KEPT_MAX:])
