"""단골샵: an invented shop whose customers, and whose answer to offers, are known to the last."""
