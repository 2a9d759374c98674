"""What has to do with codes and tokens, put together for __main__ and for tests."""

from __future__ import annotations

from dangol.offers.v1 import code_service_pb2_grpc
from dangol_service_kit.server import Server

from offers_service.ledger_parts import LedgerParts
from offers_service.rpc_codes import SERVICE_NAME, CodeServicer
from offers_service.rpc_coupons import CouponWriter
from offers_service.rpc_guessing import Guarded
from offers_service.service_base import Base
from offers_service.service_codes import CodeDesk
from offers_service.service_guesses import GuessGuard
from offers_service.store_code_batches import CodeBatchStore
from offers_service.store_guesses import GuessStore


class CodeParts:
    """The guard for whatever takes a code or a token, and batches of codes: a servicer that
    `add_to` gives to the server; `prepare` before."""

    def __init__(self, base: Base, parts: LedgerParts) -> None:
        self._clock = base.clock
        self._parts = parts
        self._guesses = GuessStore(base.database)
        self._batches = CodeBatchStore(base.database)
        self.guard = GuessGuard(self._guesses, parts.keyring, base.config.wrong_tries())
        self.desk = CodeDesk(
            accounts=parts.accounts,
            group=parts.group,
            offers=parts.offers,
            ledger=parts.ledger,
            batches=self._batches,
            secrets_of=parts.keyring,
        )

    async def prepare(self) -> None:
        """Creates collections; harmless to repeat."""
        await self._guesses.prepare()
        await self._batches.prepare()

    def add_to(self, server: Server, writer: CouponWriter) -> None:
        """CodeService."""
        servicer = CodeServicer(
            desk=self.desk,
            clock=self._clock,
            people=self._parts.people,
            writer=writer,
            secrets_of=self._parts.keyring,
        )
        add = code_service_pb2_grpc.add_CodeServiceServicer_to_server
        server.add(add, Guarded(servicer, self.guard), SERVICE_NAME)
