"""Surveys as they are defined, and what came of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from dangol_service_kit.clock import Clock, wall_ms
from dangol_service_kit.errors import Code, RpcFailure

from profile_service.service_fields import FieldService
from profile_service.service_tenants import StoreDirectory
from profile_service.store import StoreUnavailableError
from profile_service.store_survey_responses import Funnel, SurveyResponseStore
from profile_service.store_surveys import SurveyStore
from profile_service.surveys import Survey, check, check_fields

_ATTEMPTS_MAX: Final = 20


class SurveyService:
    """Writes versions and reads them."""

    def __init__(
        self,
        *,
        directory: StoreDirectory,
        clock: Clock,
        surveys: SurveyStore,
        responses: SurveyResponseStore,
        fields: FieldService,
        wall_ms: Callable[[], int] = wall_ms,
    ) -> None:
        self._directory = directory
        self._clock = clock
        self._surveys = surveys
        self._responses = responses
        self._fields = fields
        self._wall_ms = wall_ms

    async def define(self, sent: Survey) -> Survey:
        """Writes the version after the one that was read; the same request again answers it.

        Raises RpcFailure FIELD_INVALID, VERSION_CONFLICT, REQUEST_CONFLICT.
        """
        known = await self._of_request(sent)
        if known is not None:
            return known
        tenant = await self._directory.get(sent.tenant_id)
        wrong = check(sent, tenant.language)
        wrong += check_fields(sent, await self._fields.get(sent.tenant_id))
        if wrong:
            raise RpcFailure(Code.FIELD_INVALID, f"{wrong[0][0]}: {wrong[0][1]}", violations=wrong)
        newest = await self._surveys.get(sent.tenant_id, sent.survey_id)
        present = newest.version if newest else 0
        fresh = replace(sent, version=sent.version + 1, created_ms=self._wall_ms())
        if sent.version == present and await self._surveys.add(fresh):
            return fresh
        # Somebody was faster: perhaps this very request, sent twice.
        known = await self._of_request(sent)
        if known is not None:
            return known
        raise RpcFailure(
            Code.VERSION_CONFLICT,
            "the survey has another version by now: read it again",
            field="survey.version",
            metadata={"version": str(present)},
        )

    async def close(
        self, tenant_id: str, survey_id: str, request_key: bytes, fingerprint: bytes
    ) -> Survey | None:
        """Ends a survey by a version that is over; None when there is no such survey."""
        for _ in range(_ATTEMPTS_MAX):
            newest = await self._surveys.get(tenant_id, survey_id)
            if newest is None:
                return None
            now_ms = (await self._clock.read(tenant_id)).now_ms
            over = replace(
                newest,
                version=newest.version + 1,
                start_ms=min(newest.start_ms, now_ms),
                end_ms=now_ms,
                created_ms=self._wall_ms(),
                request_key=request_key,
                fingerprint=fingerprint,
            )
            known = await self._of_request(over)
            if known is not None:
                return known
            if newest.end_ms and newest.end_ms <= now_ms:
                return newest
            if await self._surveys.add(over):
                return over
        raise StoreUnavailableError("a survey changes too often")

    async def get(self, tenant_id: str, survey_id: str, version: int) -> Survey | None:
        """One version, the newest for 0."""
        return await self._surveys.get(tenant_id, survey_id, version)

    async def page(self, tenant_id: str, after_id: str, limit: int) -> list[Survey]:
        """The newest versions, in order of id, behind a position."""
        return await self._surveys.newest(tenant_id, after_id, limit)

    async def funnel(self, tenant_id: str, survey_id: str, version: int) -> Funnel:
        """How far respondents came."""
        return await self._responses.funnel(tenant_id, survey_id, version)

    async def _of_request(self, sent: Survey) -> Survey | None:
        known = await self._surveys.of_request(sent.tenant_id, sent.request_key)
        if known is not None and known.fingerprint != sent.fingerprint:
            raise RpcFailure(
                Code.REQUEST_CONFLICT,
                "this request id was used with other content: send a fresh one",
                field="request_id",
            )
        return known
