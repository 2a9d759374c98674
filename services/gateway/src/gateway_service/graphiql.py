"""GraphiQL's page, for development: open to all, useless without a token."""

from __future__ import annotations

import json
import re
from importlib import resources
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from gateway_service.config import GatewayConfig

# File name -> where the public CDN has it, for when no local directory is configured.
ASSETS = {
    "graphiql.min.css": "graphiql@3.8.3/graphiql.min.css",
    "graphiql.min.js": "graphiql@3.8.3/graphiql.min.js",
    "react.production.min.js": "react@18.3.1/umd/react.production.min.js",
    "react-dom.production.min.js": "react-dom@18.3.1/umd/react-dom.production.min.js",
}
_ELSEWHERE = "https://unpkg.com/"


def examples() -> list[str]:
    """The queries that the page opens with, one a tab."""
    text = resources.files("gateway_service").joinpath("graphiql_examples.graphql")
    return text.read_text("utf-8").split("\n\n")


def wants_page(request: Request) -> bool:
    """Whether a browser opened the address, rather than a client that sends a query."""
    return (
        request.method == "GET"
        and "query" not in request.query_params
        and "text/html" in request.headers.get("accept", "")
    )


def page(assets: Path | None) -> str:
    """The page; its scripts come from `assets` when they are there, else from unpkg.com."""
    html = resources.files("gateway_service").joinpath("graphiql.html").read_text("utf-8")
    local = assets is not None and all((assets / name).is_file() for name in ASSETS)
    tabs = [{"query": query} for query in examples()]
    values = {name: f"/graphiql/{name}" if local else _ELSEWHERE + ASSETS[name] for name in ASSETS}
    values["examples"] = json.dumps(tabs).replace("</", "<\\/")
    return re.sub(r"\{\{([^}]+)\}\}", lambda match: values[match[1]], html)


def graphiql_routes(config: GatewayConfig) -> list[BaseRoute]:
    """The page at /graphiql, and the scripts below it."""
    html = page(config.graphiql_assets)

    async def show(_request: Request) -> Response:
        return HTMLResponse(html)

    async def asset(request: Request) -> Response:
        name = request.path_params["name"]
        if config.graphiql_assets is None or name not in ASSETS:
            return Response(status_code=404)
        return FileResponse(config.graphiql_assets / name)

    return [Route("/graphiql", show), Route("/graphiql/{name}", asset)]
