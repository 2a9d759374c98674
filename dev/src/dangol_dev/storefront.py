"""The shop of examples/storefront: its page, and the server that every shop has beside it.

The server does what a page cannot be trusted with: it signs customers in, sets prices, takes the
money (here: nothing) and uses coupons up. `make up` runs it; it is no part of the platform.
"""

import argparse
from pathlib import Path
from typing import Any

import uvicorn
from dangol_service_kit.auth import Role
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.staticfiles import StaticFiles

from dangol_dev.stack import sign_stack_token
from dangol_dev.storefront_shop import ReadError, Shop, ShopError, read_name, read_order

PAGE = Path(__file__).resolve().parents[3] / "examples" / "storefront"
_TOKEN_TTL_SECONDS = 3600


def make_app(graphql_url: str, keys: Path, tenant_id: str) -> Starlette:
    """The shop's server. graphql_url: the gateway's; keys: the stack's, to sign tokens with."""
    shop = Shop(graphql_url, lambda role: sign_stack_token(keys, tenant_id, role, "storefront"))
    files = StaticFiles(directory=PAGE)
    # The page asks this server and the gateway, and nobody else.
    policy = f"default-src 'self'; connect-src 'self' {graphql_url}; img-src data:"

    async def about(_request: Request) -> Response:
        return JSONResponse({"graphql": graphql_url})

    async def sign_in(request: Request) -> Response:
        # A real shop asks for more than a name.
        customer_id = await shop.welcome(read_name(await _body(request)))
        token = sign_stack_token(keys, tenant_id, Role.CUSTOMER, customer_id, _TOKEN_TTL_SECONDS)
        return JSONResponse({"customerId": customer_id, "token": token})

    async def order(request: Request) -> Response:
        given = read_order(await _body(request))
        return JSONResponse(await shop.sell(request.headers.get("authorization", ""), given))

    async def ready(_request: Request) -> Response:
        return JSONResponse({"status": "ready"})

    async def page(request: Request) -> Response:
        response = await files.get_response(
            request.path_params["path"] or "index.html", request.scope
        )
        response.headers["content-security-policy"] = policy
        return response

    return Starlette(
        routes=[
            Route("/readyz", ready),
            Route("/shop.json", about),
            Route("/session", sign_in, methods=["POST"]),
            Route("/orders", order, methods=["POST"]),
            Route("/{path:path}", page),
        ],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])],
        exception_handlers={ShopError: _refuse, ReadError: _refuse},
    )


async def _body(request: Request) -> Any:
    try:
        return await request.json()
    except ValueError:
        raise ReadError("send a JSON object") from None


async def _refuse(_request: Request, error: Exception) -> Response:
    assert isinstance(error, ShopError)
    return JSONResponse({"code": error.code, "message": str(error)}, status_code=error.status)


def main() -> None:
    """Serve until a signal ends it."""
    parser = argparse.ArgumentParser(prog="python -m dangol_dev.storefront", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--graphql", required=True, help="the gateway's address")
    parser.add_argument("--keys", type=Path, required=True, help="the stack's keys")
    parser.add_argument("--tenant", required=True)
    options = parser.parse_args()
    app = make_app(options.graphql, options.keys, options.tenant)
    uvicorn.run(app, host="127.0.0.1", port=options.port, log_level="warning")


if __name__ == "__main__":
    main()
