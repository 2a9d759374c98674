"""Serving surveys and keeping answers: load, decide, save, then do what follows from it.

What follows (fields of the customer, the event) is noted in the very write that keeps the answers,
and done at once; what a crash leaves is found and done by a sweep. Doing it twice does no harm.
"""

from __future__ import annotations

import asyncio
import hashlib
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from dangol.events.v1.event_pb2 import Event
from dangol.events.v1.membership_pb2 import MembershipChange
from dangol_service_kit.clock import Clock, wall_ms
from dangol_service_kit.errors import Code, RpcFailure

from profile_service import encoding
from profile_service.domain import (
    CUSTOMER,
    AnsweredRequest,
    Update,
    UpdateOutcome,
    personal_names,
)
from profile_service.service_customers import CustomerService
from profile_service.service_record import Recorder
from profile_service.service_registry import Registry
from profile_service.service_respondents import Respondent, Respondents
from profile_service.service_sweeps import sweep_until
from profile_service.store import StoreUnavailableError
from profile_service.store_survey_responses import SurveyResponseStore
from profile_service.store_surveys import SurveyStore
from profile_service.survey_answers import (
    CHANGING,
    AnswerOutcome,
    Given,
    Response,
    decide_answer,
    learn,
    told,
    wrong_answer,
)
from profile_service.surveys import Survey, Taken, choose

EVENT_TYPE: Final = "survey"
SURVEYS_MAX: Final = 200
LOOK_SECONDS: Final = 2.0
_ATTEMPTS_MAX: Final = 20
_LEFT_AFTER_MS: Final = 10_000
_LEASE_MS: Final = 30_000
_EVENT_IDS: Final = uuid.UUID("6ad1e2bb-3f5b-4f53-9d0e-1f0c9a1f7d51")


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of answers: the response as it is, and what the end of the survey changed."""

    outcome: AnswerOutcome
    survey: Survey
    response: Response
    changes: Sequence[MembershipChange] = ()
    pending: bool = False


class AnswerService:
    """Asks, keeps what is answered, and carries it into the customer's record."""

    def __init__(
        self,
        *,
        clock: Clock,
        registry: Registry,
        respondents: Respondents,
        surveys: SurveyStore,
        responses: SurveyResponseStore,
        customers: CustomerService,
        recorder: Recorder,
        wall_ms: Callable[[], int] = wall_ms,
    ) -> None:
        self._clock = clock
        self._registry = registry
        self._respondents = respondents
        self._surveys = surveys
        self._responses = responses
        self._customers = customers
        self._recorder = recorder
        self._wall_ms = wall_ms

    async def serve(
        self, tenant_id: str, name: tuple[str, str], survey_id: str
    ) -> tuple[Survey, Response] | None:
        """The survey that fits, and how far the person is with it; None when none fits.

        Raises RpcFailure CUSTOMER_NOT_FOUND.
        """
        if survey_id:
            one = await self._surveys.get(tenant_id, survey_id)
            offered = [one] if one else []
        else:
            offered = await self._surveys.newest(tenant_id, "", SURVEYS_MAX)
        now_ms = (await self._clock.read(tenant_id)).now_ms
        if not any(one.open_at(now_ms) for one in offered):
            return None
        respondent = await self._respondents.find(tenant_id, *name)
        found = await self._responses.find(respondent.identities)
        taken = [
            Taken(one.survey_id, one.version, bool(one.started_ms), bool(one.completed_ms))
            for one, _ in found
        ]
        chosen = choose(offered, respondent.customer, taken, now_ms)
        if chosen is None:
            return None
        begun = _unfinished([one for one, _ in found], chosen.survey_id)
        if begun is not None:
            # Somebody half way through goes on with the version that was begun.
            older = await self._surveys.get(tenant_id, chosen.survey_id, begun.version)
            return (older or chosen), begun
        fresh = _fresh(chosen, respondent, now_ms)
        await self._responses.save(fresh, respondent.own, {}, self._wall_ms())
        return chosen, fresh

    async def answer(
        self, tenant_id: str, name: tuple[str, str], survey: tuple[str, int], given: Given
    ) -> Answered:
        """Keeps answers. Raises RpcFailure SURVEY_NOT_FOUND, CUSTOMER_NOT_FOUND, FIELD_INVALID."""
        survey_id, version = survey
        asked = await self._surveys.get(tenant_id, survey_id, version)
        if asked is None:
            raise RpcFailure(Code.SURVEY_NOT_FOUND, "there is no such version of a survey")
        _check(asked, given)
        now_ms = (await self._clock.read(tenant_id)).now_ms
        respondent = await self._respondents.find(tenant_id, *name)
        for _ in range(_ATTEMPTS_MAX):
            found = await self._responses.find(respondent.identities, survey_id)
            of_version = [pair for pair in found if pair[0].version == version]
            # Two people who turned out to be one may have two; who finished has finished.
            known, identity = max(
                of_version,
                key=lambda pair: (pair[0].completed_ms, pair[0].started_ms, pair[0].served_ms),
                default=(replace(_fresh(asked, respondent, now_ms), revision=0), respondent.own),
            )
            newest = await self._surveys.get(tenant_id, survey_id)
            # A survey that was closed is closed for its older versions too.
            rule = asked if newest is None or newest.open_at(now_ms) else newest
            after, outcome = decide_answer(
                replace(asked, start_ms=rule.start_ms, end_ms=rule.end_ms), known, given, now_ms
            )
            if after is None:
                return await self._again(asked, known, outcome)
            counted = told(asked, after.answers)[2]
            if await self._responses.save(after, identity, counted, self._wall_ms()):
                changes, pending = await self._follow(asked, after)
                return Answered(outcome, asked, after, changes, pending)
        raise StoreUnavailableError("a response changes too often")

    async def _again(self, survey: Survey, known: Response, outcome: AnswerOutcome) -> Answered:
        """The answer to a request that changes nothing; one that was interrupted is finished."""
        if outcome in CHANGING and known.open:
            changes, pending = await self._follow(survey, known)
            return Answered(outcome, survey, known, changes, pending)
        return Answered(outcome, survey, known)

    async def _follow(
        self, survey: Survey, response: Response
    ) -> tuple[Sequence[MembershipChange], bool]:
        """Does what follows from the answers: what the event changed, and whether more comes."""
        changes: Sequence[MembershipChange] = ()
        pending = False
        if response.untold:
            await self._teach(survey, response)
        if response.to_record:
            recorded = await self._recorder.record(response.tenant_id, [_event(survey, response)])
            changes, pending = recorded.changes, recorded.pending
        if response.open:
            await self._responses.close(response)
        return changes, pending

    async def _teach(self, survey: Survey, response: Response) -> None:
        """Makes the customer's fields say what was answered."""
        place = f"{response.survey_id}\0{response.version}\0{response.revision}\0"
        key = hashlib.blake2b(place.encode() + response.identifier_hash, digest_size=16).digest()
        for _ in range(_ATTEMPTS_MAX):
            customer = await self._registry.get(response.tenant_id, response.customer_id)
            if customer is None:
                return
            attributes, paths = learn(
                survey, response.answers, response.untold, customer.attributes
            )
            # A field that this customer has as a personal one stays so.
            personal = personal_names(customer.attributes, attributes, paths)
            paths = [one for one in paths if one.removeprefix("fields.") not in personal]
            if not paths:
                return
            update = Update(customer.version, attributes, paths, AnsweredRequest(key, key))
            _, outcome = await self._customers.update(
                response.tenant_id, customer.customer_id, update
            )
            if outcome is not UpdateOutcome.VERSION_CONFLICT:
                return
        raise StoreUnavailableError("a customer changes too often")

    async def run(self, stop: asyncio.Event) -> None:
        """Finishes what a crash left, until told to stop; outages are waited out."""
        await sweep_until(stop, self.sweep, LOOK_SECONDS, "survey_sweep_interrupted")

    async def sweep(self, left_after_ms: int = _LEFT_AFTER_MS) -> bool:
        """Finishes the response that waits longest; False when none waits."""
        now_ms = self._wall_ms()
        leased = await self._responses.lease(now_ms - left_after_ms, now_ms + _LEASE_MS)
        if leased is None:
            return False
        found = await self._registry.find([leased.identifier_hash])
        identity = found.get(leased.identifier_hash)
        if identity is None:
            # Whose it was is being erased, and so will this be.
            return True
        response = self._responses.open(leased.document, identity)
        survey = await self._surveys.get(leased.tenant_id, response.survey_id, response.version)
        if survey is not None:
            await self._follow(survey, response)
        return True


def _unfinished(responses: Sequence[Response], survey_id: str) -> Response | None:
    """The newest version of a survey that was served and not finished."""
    return max(
        (one for one in responses if one.survey_id == survey_id and not one.completed_ms),
        key=lambda one: (bool(one.started_ms), one.version),
        default=None,
    )


def _fresh(survey: Survey, respondent: Respondent, now_ms: int) -> Response:
    return Response(
        tenant_id=survey.tenant_id,
        survey_id=survey.survey_id,
        version=survey.version,
        identifier_hash=respondent.own.identifier_hash,
        customer_id=respondent.customer.customer_id,
        served_ms=now_ms,
        revision=1,
    )


def _check(survey: Survey, given: Given) -> None:
    questions = {one.question_id: one for one in survey.questions}
    wrong = []
    for position, (question_id, answer) in enumerate(given.answers.items()):
        found = wrong_answer(questions.get(question_id), answer)
        if found is not None:
            wrong.append((f"answers[{position}].{found[0]}", found[1]))
    if wrong:
        raise RpcFailure(Code.FIELD_INVALID, f"{wrong[0][0]}: {wrong[0][1]}", violations=wrong)


def _event(survey: Survey, response: Response) -> Event:
    """The event of a finished survey: the same whenever it is made."""
    properties, rating, _ = told(survey, response.answers)
    place = f"{response.survey_id}\0{response.version}\0{response.identifier_hash.hex()}"
    event = Event(
        event_id=str(uuid.uuid5(_EVENT_IDS, place)),
        type=EVENT_TYPE,
        rating=rating,
    )
    event.customer.namespace, event.customer.value = CUSTOMER, response.customer_id
    event.occurred_at.FromMilliseconds(response.completed_ms)
    event.properties["survey_id"].text = response.survey_id
    event.properties["survey_version"].number = str(response.version)
    for name, value in properties.items():
        event.properties[name].CopyFrom(encoding.to_property(value))
    return event
