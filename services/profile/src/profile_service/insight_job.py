"""The job `dangol-insight`: refreshes what insight knows of every tenant's customers, then ends.

Run it once a day (a CronJob in Kubernetes). DANGOL_* as for the service; a tenant that fails is
told in the log and leaves the others alone, and the exit code is 1 then. Running it again, or
twice at once, does no harm.
"""

from __future__ import annotations

import os
import sys
import time

from dangol.segmentation.v1.evaluation_service_pb2_grpc import EvaluationServiceStub
from dangol_service_kit import client, config, logs, tls
from dangol_service_kit.auth import ServiceCredentials
from dangol_service_kit.clock import Clock
from dangol_service_kit.errors import RpcFailure
from dangol_service_kit.sandboxes import is_sandbox
from dangol_service_kit.server import run_service

from profile_service import store
from profile_service.config import ProfileConfig
from profile_service.service_facts_parts import profit_service
from profile_service.service_field_writer import FieldWriter
from profile_service.service_insight import InsightService, Refreshed
from profile_service.service_product_facts import ProductRefresher
from profile_service.service_product_parts import product_refresher
from profile_service.service_ring import open_vault
from profile_service.service_segmentation import EVALUATE, Segmentation
from profile_service.service_shop_totals import TotalsRefresher, totals_refresher
from profile_service.service_tenants import StoreDirectory
from profile_service.store_customers import CustomerStore
from profile_service.store_insight import InsightStore
from profile_service.store_intents import IntentStore
from profile_service.store_tenants import TenantStore

SERVICE = "profile"
_PAGE = 500

_log = logs.get_logger()


async def run(settings: ProfileConfig) -> bool:
    """Refreshes every tenant; whether all of them went well."""
    mongodb = store.connect(settings.mongodb_uri)
    identity = tls.identity_of(settings)
    channel = client.connect(settings.segmentation_target, no_retry=[EVALUATE], identity=identity)
    try:
        database = store.open_database(mongodb, settings.mongodb_database)
        await store.set_up(database)
        credentials = ServiceCredentials(
            settings.service_key_file, settings.auth_issuer, settings.auth_audience, SERVICE
        )
        tenants = TenantStore(database)
        vault, _ = await open_vault(settings)
        directory = StoreDirectory(tenants)
        clock = Clock(directory, directory.reading)
        service = InsightService(
            directory=directory,
            clock=clock,
            store=InsightStore(database),
            profits=profit_service(database, vault),
            writer=FieldWriter(
                customers=CustomerStore(database, vault),
                intents=IntentStore(database),
                segmentation=Segmentation(EvaluationServiceStub(channel), credentials),
            ),
        )
        products = product_refresher(database, directory)
        totals = totals_refresher(database, directory, clock)
        return await _refresh_all(service, products, totals, tenants)
    finally:
        await channel.close()
        mongodb.close()


async def _refresh_all(
    service: InsightService,
    products: ProductRefresher,
    totals: TotalsRefresher,
    tenants: TenantStore,
) -> bool:
    good, after_id = True, ""
    while page := await tenants.page(after_id, _PAGE):
        for tenant in page:
            started = time.monotonic()
            try:
                refreshed = await service.refresh(tenant.tenant_id)
                catalogue = await products.refresh(tenant.tenant_id)
                # Those are of what shops come to, and a sandbox is none.
                if not is_sandbox(tenant.tenant_id):
                    await totals.refresh(tenant.tenant_id)
            except (store.StoreUnavailableError, RpcFailure) as error:
                _log.error("insight_failed", tenant=tenant.tenant_id, **logs.describe(error))
                good = False
                continue
            seconds = time.monotonic() - started
            _tell(tenant.tenant_id, refreshed, catalogue.order_count, seconds)
        after_id = page[-1].tenant_id
    return good


def _tell(tenant_id: str, refreshed: Refreshed, order_count: int, seconds: float) -> None:
    insight = refreshed.insight
    _log.info(
        "insight_refreshed",
        tenant=tenant_id,
        buyers=insight.buyer_count,
        modelled=insight.lifetimes is not None,
        top_fifth_share=round(insight.top_fifth_share, 4),
        written=refreshed.written_count,
        pending=refreshed.pending_count,
        orders=order_count,
        seconds=round(seconds, 1),
    )


async def _run() -> None:
    if not await run(config.load(ProfileConfig, os.environ)):
        sys.exit(1)


def main() -> None:
    """Reads the environment and runs once."""
    run_service(_run)


if __name__ == "__main__":
    main()
