"""Which segments each customer is in, now, and when that will next change."""
