"""Keys of pages over GraphQL: an administrator makes, lists and revokes them, nobody else."""

import uuid
from typing import Any

from dangol_service_kit.auth import Role

from tests.integration.gateway.areas import done
from tests.integration.gateway.conftest import found_tenant

ORIGIN = "https://pages.example"
KEY = "key { id displayName origins createdAt revokedAt }"
MADE = f"... on CreatePublishableKeySuccess {{ publishableKey {KEY} }}"
LIST = "{ publishableKeys { id displayName origins createdAt revokedAt } }"


async def _make(frontend: Any, **changes: Any) -> dict[str, Any]:
    given = {"requestId": str(uuid.uuid4()), "displayName": "storefront", "origins": [ORIGIN]}
    answer: dict[str, Any] = await frontend.change("createPublishableKey", MADE, **given | changes)
    return answer


async def _buy_status(frontend: Any, key: str) -> int:
    """The status of buying a visitor's token for the key."""
    headers = {"origin": ORIGIN}
    answer = await frontend.http.post("/visitors", json={"key": key}, headers=headers)
    status: int = answer.status_code
    return status


async def test_a_key_is_made_listed_used_and_revoked(frontend: Any) -> None:
    """It sells from when it is made to when it is revoked; the list never shows it."""
    request_id = str(uuid.uuid4())
    made = await _make(frontend, requestId=request_id)
    assert made == await _make(frontend, requestId=request_id)
    key = made["key"]
    assert (key["displayName"], key["origins"], key["revokedAt"]) == ("storefront", [ORIGIN], None)
    assert await _buy_status(frontend, made["publishableKey"]) == 200

    newer = await _make(frontend, displayName="next")
    listed = (await frontend.ask(LIST))["publishableKeys"]
    assert [newer["key"], key] == listed[:2]
    assert made["publishableKey"] not in str(listed)

    selection = f"... on RevokePublishableKeySuccess {{ {KEY} }}"
    first = await done(frontend, "revokePublishableKey", selection, keyId=key["id"])
    assert first["key"]["revokedAt"] is not None
    assert first == await done(frontend, "revokePublishableKey", selection, keyId=key["id"])
    assert await _buy_status(frontend, made["publishableKey"]) == 403
    assert await _buy_status(frontend, newer["publishableKey"]) == 200


async def test_what_is_wrong_with_a_key_is_a_refusal_that_names_the_field(frontend: Any) -> None:
    """Values, not errors; nothing is made."""
    before = await frontend.ask(LIST)
    request_id = str(uuid.uuid4())
    await _make(frontend, requestId=request_id)
    for changes, code, field in (
        ({"origins": ["shop.example"]}, "FIELD_INVALID", "origins[0]"),
        ({"origins": []}, "FIELD_INVALID", "origins"),
        ({"displayName": ""}, "FIELD_INVALID", "display_name"),
        ({"requestId": request_id, "displayName": "other"}, "REQUEST_CONFLICT", "request_id"),
    ):
        refused = await _make(frontend, **changes)
        assert (refused.get("code"), refused.get("field")) == (code, field)
    after = await frontend.ask(LIST)
    assert len(after["publishableKeys"]) == len(before["publishableKeys"]) + 1


async def test_keys_are_an_administrators_and_their_tenants(frontend: Any) -> None:
    """The gateway refuses every other role; next door there is no such key."""
    made = await _make(frontend)
    for role in set(Role) - {Role.ADMIN, Role.OPERATOR, Role.SERVICE}:
        answer = await frontend.run(LIST, frontend.token(role))
        assert answer["errors"][0]["extensions"]["code"] == "ROLE_NOT_ALLOWED"
    await found_tenant(frontend.stack, "keyless", "옆 가게")
    stranger = frontend.stack.token("keyless", Role.ADMIN)
    assert (await frontend.ask(LIST, stranger))["publishableKeys"] == []
    query = """mutation($id: ID!, $request: ID!) {
      revokePublishableKey(input: {requestId: $request, keyId: $id}) {
        ... on Refused { code } } }"""
    variables = {"id": made["key"]["id"], "request": str(uuid.uuid4())}
    answer = await frontend.ask(query, stranger, **variables)
    assert answer["revokePublishableKey"] == {"code": "PUBLISHABLE_KEY_NOT_FOUND"}
    assert await _buy_status(frontend, made["publishableKey"]) == 200
