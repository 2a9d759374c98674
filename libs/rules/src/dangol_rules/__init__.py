"""The rule language, shared by whoever reads rules: segments, and filters of lists."""
