"""MongoDB for services that start together. The driver is theirs: this file knows none."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

NAMESPACE_EXISTS = 48


async def create_collections(database: Any, names: Iterable[str]) -> None:
    """Creates those that are not there, however many replicas do so at the same moment.

    Looking first would not help: another replica may be faster after the look. Raises the
    driver's error for anything but a collection that exists.
    """
    for name in names:
        try:
            await database.create_collection(name, check_exists=False)
        except Exception as error:
            if getattr(error, "code", None) != NAMESPACE_EXISTS:
                raise
