"""Who may ask for what offers answers: rules of access by area."""

from __future__ import annotations

from collections.abc import Mapping

from dangol_service_kit.auth import Role

from gateway_service.access_roles import (
    ADMINS,
    BACK_OFFICE,
    CHECKOUT,
    EVERYBODY,
    FLOOR,
    OWNERS,
    SHOPS,
    TENANT,
    WRITERS,
    Roles,
)


def _page_of(name: str, roles: Roles) -> dict[str, Roles]:
    return dict.fromkeys((name, f"{name}Connection", f"{name}Edge"), roles)


_COUPONS: Mapping[str, Roles] = {
    "Query.offers": TENANT,
    "Query.offer": TENANT,
    "Query.coupon": OWNERS,
    "Query.couponByCode": OWNERS,
    "Query.wallet": OWNERS,
    "Query.evaluateCart": OWNERS,
    "Mutation.createOffer": WRITERS,
    "Mutation.issueCoupon": WRITERS,
    "Mutation.issueCoupons": WRITERS,
    "Mutation.revokeCoupon": WRITERS,
    "Mutation.issueCodes": WRITERS,
    "Mutation.claimCode": OWNERS,
    "Mutation.redeemCoupon": SHOPS,
    "Mutation.reverseCoupon": SHOPS,
    "Mutation.holdCoupon": CHECKOUT,
    "Mutation.releaseCoupon": CHECKOUT,
    **_page_of("Offer", TENANT),
    **dict.fromkeys(("OfferScope", "PercentOff", "AmountOff", "FreeShipping"), TENANT),
    **dict.fromkeys(("GiftItem", "PointsReward"), TENANT),
    **_page_of("Coupon", OWNERS),
    **dict.fromkeys(("CartEvaluation", "CouponEvaluation", "AppliedCoupon"), OWNERS),
    "LineDiscount": OWNERS,
    **dict.fromkeys(("CouponRefused", "OfferRefused", "CodeRefused"), OWNERS),
    **dict.fromkeys(("HoldCouponSuccess", "ReleaseCouponSuccess"), CHECKOUT),
    **dict.fromkeys(("RedeemCouponSuccess", "ReverseCouponSuccess"), SHOPS),
    **dict.fromkeys(("IssueCouponSuccess", "IssueCouponsSuccess", "CreateOfferSuccess"), WRITERS),
    **dict.fromkeys(("RevokeCouponSuccess", "IssueCodesSuccess"), WRITERS),
    "ClaimCodeSuccess": OWNERS,
}
_GIFTS: Mapping[str, Roles] = {
    "Query.gift": TENANT,
    "Query.spreadReport": WRITERS,
    **dict.fromkeys(
        (f"Mutation.{step}Gift" for step in ("offer", "claim", "cancel", "decline")), OWNERS
    ),
    **_page_of("Gift", TENANT),
    "GiftArm": TENANT,
    **_page_of("ReceivedGift", OWNERS),
    **_page_of("Referral", OWNERS),
    **dict.fromkeys(("GiftSuggestions", "GiftSuggestion", "GiftRefused"), OWNERS),
    **dict.fromkeys(("OfferGiftSuccess", "ClaimGiftSuccess", "CancelGiftSuccess"), OWNERS),
    "DeclineGiftSuccess": OWNERS,
    **dict.fromkeys(("SpreadReport", "SpreadPeople", "SpreadArm", "SpreadGeneration"), WRITERS),
    "SpreadGiver": WRITERS,
}
_POINTS: Mapping[str, Roles] = {
    "Query.pointsProgram": OWNERS,
    "Query.pointsGift": TENANT,
    "Mutation.setPointsProgram": WRITERS,
    **dict.fromkeys(
        (f"Mutation.{step}Points" for step in ("earn", "takeBack", "spend", "refund")), SHOPS
    ),
    **dict.fromkeys((f"Mutation.{step}Points" for step in ("hold", "release")), CHECKOUT),
    **dict.fromkeys(
        (f"Mutation.{step}PointsGift" for step in ("offer", "claim", "cancel")), OWNERS
    ),
    **dict.fromkeys(("PointsProgram", "PointsBonus", "Tier", "PointsBalance"), OWNERS),
    **_page_of("PointsGift", TENANT),
    **dict.fromkeys(("PointsRefused", "PointsGiftRefused"), OWNERS),
    "SetPointsProgramSuccess": WRITERS,
    **dict.fromkeys(("EarnPointsSuccess", "PointsEarned", "TakeBackPointsSuccess"), SHOPS),
    **dict.fromkeys(("SpendPointsSuccess", "RefundPointsSuccess"), SHOPS),
    **dict.fromkeys(("HoldPointsSuccess", "ReleasePointsSuccess"), CHECKOUT),
    **dict.fromkeys(("OfferPointsGiftSuccess", "PointsGiftSuccess"), OWNERS),
}
_INVITATIONS: Mapping[str, Roles] = {
    "Query.invitationProgram": OWNERS,
    "Query.invitationReport": WRITERS,
    "Mutation.setInvitationProgram": WRITERS,
    "Mutation.acceptInvitation": SHOPS,
    "Mutation.reportInvitedOrder": SHOPS,
    "Mutation.reportInvitedReturn": SHOPS,
    **_page_of("Invitation", OWNERS),
    **dict.fromkeys(("InvitationProgram", "InvitationReward", "InvitationRefused"), OWNERS),
    "InvitationReport": WRITERS,
    "SetInvitationProgramSuccess": WRITERS,
    "InvitationSuccess": SHOPS,
}
_STAFF: Mapping[str, Roles] = {
    "Query.staffAllowance": FLOOR,
    "Query.staffDiscounts": FLOOR,
    "Query.staffDiscountReport": WRITERS,
    "Query.tasks": FLOOR,
    "Query.task": FLOOR,
    "Query.calendar": BACK_OFFICE,
    "Mutation.setStaffAllowance": WRITERS,
    "Mutation.giveStaffDiscount": frozenset({Role.STAFF}),
    "Mutation.claimStaffDiscount": CHECKOUT,
    "Mutation.cancelStaffDiscount": FLOOR,
    "Mutation.closeTask": FLOOR,
    "Mutation.addTaskNote": FLOOR,
    "Mutation.putCalendarEntry": WRITERS,
    "Mutation.deleteCalendarEntry": WRITERS,
    **dict.fromkeys(("StaffAllowance", "StaffAllowanceLeft"), FLOOR),
    **_page_of("StaffDiscount", OWNERS),
    "StaffDiscountFigures": WRITERS,
    "StaffDiscountRefused": OWNERS,
    "SetStaffAllowanceSuccess": WRITERS,
    "GiveStaffDiscountSuccess": frozenset({Role.STAFF}),
    "StaffDiscountSuccess": OWNERS,
    **_page_of("Task", FLOOR),
    **dict.fromkeys(("TaskNote", "TaskSuccess", "TaskRefused"), FLOOR),
    "CalendarEntry": BACK_OFFICE,
    **dict.fromkeys(("PutCalendarEntrySuccess", "DeleteCalendarEntrySuccess"), WRITERS),
    "CalendarRefused": WRITERS,
}
_CAMPAIGNS: Mapping[str, Roles] = {
    "Query.campaigns": BACK_OFFICE,
    "Query.campaign": BACK_OFFICE,
    "Query.campaignSettings": WRITERS,
    "Query.holdoutReport": WRITERS,
    **dict.fromkeys(
        (f"Mutation.{step}Campaign" for step in ("create", "launch", "pause", "end")), WRITERS
    ),
    "Mutation.enrolCustomers": WRITERS,
    "Mutation.updateCampaignSettings": WRITERS,
    **_page_of("Campaign", BACK_OFFICE),
    **_page_of("Enrolment", BACK_OFFICE),
    **dict.fromkeys(("Variant", "TaskAction", "MessageAction"), BACK_OFFICE),
    **dict.fromkeys(("SegmentTrigger", "ListTrigger", "EventTrigger"), BACK_OFFICE),
    **dict.fromkeys(("BirthdayTrigger", "TierTrigger", "ProductTrigger"), BACK_OFFICE),
    **dict.fromkeys(("DateTrigger", "CouponEndingTrigger"), BACK_OFFICE),
    **dict.fromkeys(("CampaignBudget", "BudgetUse", "VariantMessages"), WRITERS),
    **dict.fromkeys(("CampaignReport", "ArmFigures", "ArmEffect", "MessageFigures"), WRITERS),
    **dict.fromkeys(("GiftFigures", "SegmentFigures", "HoldoutReport", "ReasonCount"), WRITERS),
    **dict.fromkeys(("Interval", "MoneyInterval", "CampaignSettings"), WRITERS),
    **dict.fromkeys(("CampaignSuccess", "CampaignRefused", "EnrolCustomersSuccess"), WRITERS),
    "UpdateCampaignSettingsSuccess": WRITERS,
}
_MESSAGES: Mapping[str, Roles] = {
    **dict.fromkeys(("Query.messageTemplates", "Query.messageTemplate"), WRITERS),
    **dict.fromkeys(("Query.previewMessage", "Query.messagingSettings"), WRITERS),
    **dict.fromkeys(("Query.messages", "Query.message"), WRITERS),
    **dict.fromkeys(("Query.webhookEndpoints", "Query.webhookEndpoint"), ADMINS),
    "Mutation.createMessageTemplate": WRITERS,
    "Mutation.updateMessageTemplate": WRITERS,
    "Mutation.updateMessagingSettings": ADMINS,
    "Mutation.requeueMessage": ADMINS,
    **dict.fromkeys(
        (f"Mutation.{step}WebhookEndpoint" for step in ("create", "update", "delete")), ADMINS
    ),
    "Mutation.rotateWebhookSecret": ADMINS,
    **_page_of("MessageTemplate", WRITERS),
    **_page_of("OutboxMessage", WRITERS),
    **dict.fromkeys(("TemplateValue", "TemplateText", "RenderedMessage"), WRITERS),
    **dict.fromkeys(("MessagingSettings", "MessageCap", "OptOut"), WRITERS),
    **dict.fromkeys(("MessageValue", "SendTime"), WRITERS),
    **dict.fromkeys(("MessageTemplateSuccess", "MessagingRefused"), WRITERS),
    **dict.fromkeys(("UpdateMessagingSettingsSuccess", "RequeueMessageSuccess"), ADMINS),
    "WebhookEndpoint": ADMINS,
    **dict.fromkeys(("CreateWebhookEndpointSuccess", "UpdateWebhookEndpointSuccess"), ADMINS),
    **dict.fromkeys(("RotateWebhookSecretSuccess", "DeleteWebhookEndpointSuccess"), ADMINS),
    "WebhookRefused": ADMINS,
}
_LEDGER: Mapping[str, Roles] = {
    "Query.ledger": WRITERS,
    **dict.fromkeys(("Ledger", "TrialBalance", "Book", "Verification"), WRITERS),
    **_page_of("LedgerEntry", WRITERS),
    **_page_of("Checkpoint", WRITERS),
    **dict.fromkeys(("JournalFault", "CheckpointKeys"), WRITERS),
}
_GREETINGS: Mapping[str, Roles] = {
    "Query.greetingRules": WRITERS,
    "Mutation.setGreetings": WRITERS,
    "Greeting": EVERYBODY,
    **dict.fromkeys(("GreetingRules", "GreetingRule"), WRITERS),
    **dict.fromkeys(("SetGreetingsSuccess", "GreetingsRefused"), WRITERS),
}

OFFER_RULES: Mapping[str, Roles] = {
    **_COUPONS,
    **_GIFTS,
    **_POINTS,
    **_INVITATIONS,
    **_STAFF,
    **_CAMPAIGNS,
    **_MESSAGES,
    **_LEDGER,
    **_GREETINGS,
}
