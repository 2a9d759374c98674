"""Figures of the platform, each beside a ceiling measured in the same run."""
