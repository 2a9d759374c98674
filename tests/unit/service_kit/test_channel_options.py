"""Options of gRPC channels: one that is spelled wrongly is ignored without a word."""

from __future__ import annotations

from pathlib import Path

import grpc
from dangol_service_kit import channels, server


def test_every_option_is_one_that_grpc_knows() -> None:
    """Each name stands in the library: its keepalive pings would else be answered by GOAWAY."""
    (path,) = (Path(grpc.__file__).parent / "_cython").glob("cygrpc*.so")
    library = path.read_bytes()
    names = [name for name, _ in (*server._OPTIONS, *channels.options(repeats=True))]
    assert [] == [name for name in names if name.encode() not in library]
