"""Errors for queries that are not run."""

from __future__ import annotations

from dangol_service_kit.query_codes import QueryCode
from graphql import GraphQLError, Node


def refusal(code: QueryCode, message: str = "", node: Node | None = None) -> GraphQLError:
    """The error that a client gets; its message is the code's meaning if none is given."""
    return GraphQLError(message or code.meaning, node, extensions={"code": code.value})
