"""Profile: who the customer is, everything that happened, what they allowed."""
