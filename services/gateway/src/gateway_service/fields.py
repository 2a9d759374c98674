"""Typed decorators for resolvers; strawberry's own are untyped when they take a description."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import strawberry

Resolver = TypeVar("Resolver", bound=Callable[..., Any])


def resolver(description: str) -> Callable[[Resolver], Resolver]:
    """Makes a method a field."""
    return cast("Callable[[Resolver], Resolver]", strawberry.field(description=description))


def argument(description: str) -> Any:
    """Describes an argument, as the second part of its Annotated type."""
    return strawberry.argument(description=description)


def mutation(description: str) -> Callable[[Resolver], Resolver]:
    """Makes a method a mutation."""
    return cast("Callable[[Resolver], Resolver]", strawberry.mutation(description=description))


def subscription(description: str) -> Callable[[Resolver], Resolver]:
    """Makes an async generator method a subscription."""
    return cast("Callable[[Resolver], Resolver]", strawberry.subscription(description=description))
