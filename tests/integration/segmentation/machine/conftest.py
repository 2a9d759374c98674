"""Comparisons outside of test files tell what differs, too."""

import pytest

pytest.register_assert_rewrite(
    "tests.integration.segmentation.machine.history",
    "tests.integration.segmentation.machine.upheavals",
)
