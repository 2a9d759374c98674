"""Offers, campaigns, coupons and gifts: what a customer is offered, why, and what came of it."""
