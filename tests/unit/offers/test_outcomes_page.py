"""docs/outcomes.md against the contract."""

import re
from pathlib import Path

import pytest
from dangol.offers.v1 import (
    campaign_service_pb2,
    clock_service_pb2,
    code_service_pb2,
    coupon_service_pb2,
    delivery_service_pb2,
    gift_service_pb2,
    greeting_service_pb2,
    growth_service_pb2,
    invitation_service_pb2,
    ledger_service_pb2,
    messaging_service_pb2,
    offer_service_pb2,
    points_service_pb2,
    privacy_service_pb2,
    staff_discount_service_pb2,
    task_service_pb2,
    webhook_service_pb2,
)
from dangol.profile.v1 import (
    contact_service_pb2,
    product_service_pb2,
    store_service_pb2,
    survey_service_pb2,
)
from dangol.profile.v1 import privacy_service_pb2 as profile_privacy_service_pb2
from offers_service.campaigns import EnrolmentOutcome
from offers_service.code_account import CodeOutcome
from offers_service.coupon_outcomes import CouponOutcome
from offers_service.evaluation import Verdict
from offers_service.gifts import GiftOutcome
from offers_service.greetings import GreetingsOutcome
from offers_service.invitations import InvitationOutcome
from offers_service.message_settings import MessagingSettingsOutcome
from offers_service.messages import AcknowledgeOutcome, PostOutcome, RequeueOutcome
from offers_service.points_outcomes import PointsGiftOutcome, PointsOutcome
from offers_service.staff_discounts import StaffDiscountOutcome
from offers_service.suggestions import SuggestionOutcome
from offers_service.tasks import TaskOutcome
from offers_service.templates import TemplateOutcome
from offers_service.webhooks import WebhookOutcome

PAGE = Path(__file__).resolve().parents[3] / "docs" / "outcomes.md"
FILES = (
    campaign_service_pb2,
    clock_service_pb2,
    code_service_pb2,
    coupon_service_pb2,
    delivery_service_pb2,
    gift_service_pb2,
    greeting_service_pb2,
    growth_service_pb2,
    invitation_service_pb2,
    ledger_service_pb2,
    messaging_service_pb2,
    offer_service_pb2,
    points_service_pb2,
    privacy_service_pb2,
    staff_discount_service_pb2,
    task_service_pb2,
    webhook_service_pb2,
    contact_service_pb2,
    store_service_pb2,
    survey_service_pb2,
    product_service_pb2,
    profile_privacy_service_pb2,
)


def contract() -> dict[str, list[str]]:
    """Values of each enum of outcomes, without prefix and without the unspecified one."""
    enums = [enum for file in FILES for enum in file.DESCRIPTOR.enum_types_by_name.values()]
    return {
        enum.name: [
            value.name.removeprefix(f"{re.sub('(?<!^)(?=[A-Z])', '_', enum.name).upper()}_")
            for value in enum.values
            if value.number
        ]
        for enum in enums
        if enum.name.endswith(("Outcome", "Verdict"))
    }


def _page() -> dict[str, list[list[str]]]:
    """The cells of each section's rows, by the enum in the section's title."""
    sections = re.split(r"^## ", PAGE.read_text(), flags=re.MULTILINE)[1:]
    found = {}
    for section in sections:
        title = section.splitlines()[0]
        rows = [line for line in section.splitlines() if line.startswith("| ")][1:]
        cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
        found[title[title.index("(") + 1 : -1]] = [row for row in cells if row[0] != "---"]
    return found


def test_every_outcome_is_explained_and_none_that_is_not() -> None:
    """Each value of the contract has its row, in the contract's order, and each row its value."""
    page = {enum: [row[0] for row in rows] for enum, rows in _page().items()}
    assert contract() == page


def test_every_row_says_what_it_means_and_what_to_do() -> None:
    """Three full cells."""
    for rows in _page().values():
        assert [] == [row for row in rows if len(row) != 3 or not all(row)]


@pytest.mark.parametrize(
    ("domain", "enum"),
    [
        (CouponOutcome, "CouponOutcome"),
        (GiftOutcome, "GiftOutcome"),
        (CodeOutcome, "CodeOutcome"),
        (Verdict, "CouponVerdict"),
        (PointsOutcome, "PointsOutcome"),
        (PointsGiftOutcome, "PointsGiftOutcome"),
        (PostOutcome, "PostOutcome"),
        (AcknowledgeOutcome, "AcknowledgeOutcome"),
        (RequeueOutcome, "RequeueOutcome"),
        (EnrolmentOutcome, "EnrolmentOutcome"),
        (TaskOutcome, "TaskOutcome"),
        (TemplateOutcome, "TemplateOutcome"),
        (WebhookOutcome, "WebhookOutcome"),
        (MessagingSettingsOutcome, "MessagingSettingsOutcome"),
        (GreetingsOutcome, "GreetingsOutcome"),
        (InvitationOutcome, "InvitationOutcome"),
        (SuggestionOutcome, "SuggestionOutcome"),
        (StaffDiscountOutcome, "StaffDiscountOutcome"),
    ],
)
def test_the_service_knows_the_outcomes_of_the_contract(domain: type, enum: str) -> None:
    """The names are those of the contract, so that every one of them can be sent."""
    names = [member.name for member in domain]  # type: ignore[attr-defined]
    assert sorted(contract()[enum]) == sorted(names)
