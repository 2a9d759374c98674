"""Connections and identity of the process, which every part of the service shares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import grpc
from dangol.profile.v1.tenant_service_pb2_grpc import TenantServiceStub
from dangol_service_kit import client, keys, tls
from dangol_service_kit.auth import ServiceCredentials
from dangol_service_kit.clock import Clock, Reading
from dangol_service_kit.config import ConfigError
from dangol_service_kit.redis_address import open_redis
from dangol_service_kit.tenants import TenantDirectory

from offers_service.config import OffersConfig
from offers_service.store_clocks import ClockStore
from offers_service.store_connection import connect


@dataclass(frozen=True, slots=True)
class Base:
    """What every part of the service shares."""

    config: OffersConfig
    mongodb: Any
    database: Any
    redis: Any
    profile: grpc.aio.Channel
    segmentation: grpc.aio.Channel
    credentials: ServiceCredentials
    tenant_keys: keys.TenantKeys
    directory: TenantDirectory
    clocks: ClockStore
    clock: Clock


def build_base(config: OffersConfig) -> Base:
    """Connections and identity. Raises ConfigError for files that cannot be used."""
    try:
        tenant_keys = keys.from_file(config.master_key_file)
        credentials = ServiceCredentials(
            config.service_key_file, config.auth_issuer, config.auth_audience, "offers"
        )
    except (OSError, ValueError) as error:
        raise ConfigError([f"DANGOL_*_KEY_FILE cannot be used: {type(error).__name__}"]) from None
    mongodb = connect(config.mongodb_uri, traced=bool(config.otlp_endpoint))
    database = mongodb[config.mongodb_database]
    identity = tls.identity_of(config)
    profile = client.connect(config.profile_target, identity=identity)
    directory = TenantDirectory(TenantServiceStub(profile), credentials)
    clocks = ClockStore(database)

    async def virtual_reading(tenant_id: str) -> Reading:
        stored = await clocks.read(tenant_id)
        if not stored.now_ms:
            return (await directory.get(tenant_id)).start
        return Reading(stored.now_ms, stored.horizon_ms)

    return Base(
        config=config,
        mongodb=mongodb,
        database=database,
        redis=open_redis(config.redis_url),
        profile=profile,
        segmentation=client.connect(config.segmentation_target, identity=identity),
        credentials=credentials,
        tenant_keys=tenant_keys,
        directory=directory,
        clocks=clocks,
        clock=Clock(directory, virtual_reading),
    )
