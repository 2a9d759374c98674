"""Telling segmentation that MongoDB was restored, as an operator."""

from dangol.segmentation.v1 import evaluation_service_pb2 as messages
from dangol.segmentation.v1.evaluation_service_pb2_grpc import EvaluationServiceStub
from dangol_service_kit.client import call, connect
from dangol_service_kit.tls import Identity

_TIMEOUT_SECONDS = 30.0


async def begin_epoch(target: str, token: str, identity: Identity | None = None) -> str:
    """Have all state built anew from history; returns a sentence. Raises RpcFailure."""
    async with connect(target, identity=identity) as channel:
        answer = await call(
            EvaluationServiceStub(channel).BeginEpoch,
            messages.BeginEpochRequest(),
            token=token,
            timeout_seconds=_TIMEOUT_SECONDS,
        )
    return f"epoch {answer.epoch} begins: Redis is being rebuilt from history"
