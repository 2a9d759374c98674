"""The auditors' part of the process, put together for __main__ and for tests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dangol_service_kit.config import ConfigError
from dangol_service_kit.notes import SignerKey, VerifierKey
from dangol_service_kit.tenants import TenantDirectory

from offers_service.codes import Secrets
from offers_service.config import OffersConfig
from offers_service.rpc_ledger import LedgerServicer
from offers_service.service_audit import Auditor
from offers_service.service_base import Base
from offers_service.service_checkpoint_taker import CheckpointTaker
from offers_service.service_checkpoints import CheckpointBook
from offers_service.service_entries import EntryReader, People
from offers_service.service_verify import Verifier
from offers_service.service_verify_daily import Rounds
from offers_service.store_accounts import AccountStore
from offers_service.store_audit import AuditedAccounts, AuditStore
from offers_service.store_checkpoints import CheckpointStore
from offers_service.store_entries import EntryStore
from offers_service.store_verifications import VerificationStore

KEY_NAME = "dangol-ledger"


class AuditParts:
    """A servicer to add to the server, `prepare` before and `run` beside it."""

    def __init__(
        self,
        *,
        config: OffersConfig,
        database: Any,
        accounts: AccountStore,
        audit: AuditStore,
        directory: TenantDirectory,
        secrets_of: Callable[[str], Secrets],
        people: People,
    ) -> None:
        signer, former = _keys(config)
        self._store = CheckpointStore(database)
        audited = AuditedAccounts(audit, accounts.pages)
        self.book = CheckpointBook(self._store, [signer.verifier, *former])
        self.taker = CheckpointTaker(
            book=self.book,
            store=self._store,
            accounts=audited,
            signer=signer,
            directory=directory,
            interval_seconds=config.checkpoint_seconds,
        )
        self.verifier = Verifier(
            accounts=audited,
            store=self._store,
            book=self.book,
            directory=directory,
            secrets_of=secrets_of,
            interval_seconds=config.checkpoint_seconds,
        )
        self.verifications = VerificationStore(database)
        self.rounds = Rounds(self.verifier, self.verifications, directory)
        self.servicer = LedgerServicer(
            EntryReader(EntryStore(database), people),
            Auditor(accounts, audit, secrets_of),
            self.verifier,
            self.rounds,
            self.book,
        )

    @classmethod
    def of(
        cls,
        base: Base,
        accounts: AccountStore,
        audit: AuditStore,
        secrets_of: Callable[[str], Secrets],
        people: People,
    ) -> AuditParts:
        """Over what the process shares."""
        return cls(
            config=base.config,
            database=base.database,
            accounts=accounts,
            audit=audit,
            directory=base.directory,
            secrets_of=secrets_of,
            people=people,
        )

    async def prepare(self) -> None:
        """Creates collections; harmless to repeat."""
        await self._store.prepare()
        await self.verifications.prepare()

    async def run(self) -> None:
        """Takes checkpoints and verifies until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.taker.run())
            group.create_task(self.rounds.run())


def _keys(config: OffersConfig) -> tuple[SignerKey, list[VerifierKey]]:
    """The key that signs, and those that did before. Raises ConfigError."""
    if config.checkpoint_seconds <= 0:
        raise ConfigError(["DANGOL_CHECKPOINT_SECONDS must be more than 0"])
    former: Path | None = config.checkpoint_public_keys_file
    try:
        signer = SignerKey.from_file(KEY_NAME, config.checkpoint_key_file)
        lines = former.read_text().splitlines() if former else []
        return signer, [VerifierKey.parse(line) for line in lines if line.strip()]
    except (OSError, ValueError, TypeError) as error:
        kind = type(error).__name__
        raise ConfigError([f"DANGOL_CHECKPOINT_*_FILE cannot be used: {kind}"]) from None
