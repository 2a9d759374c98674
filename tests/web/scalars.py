"""What schemathesis sends for scalars of ours; SCHEMATHESIS_HOOKS=scalars names this module."""

import schemathesis  # type: ignore[import-not-found]
from hypothesis import strategies as st
from schemathesis.graphql import nodes  # type: ignore[import-not-found]

_INT64 = st.integers(-(2**63) - 1, 2**63)
_DECIMALS = st.decimals(allow_nan=False, allow_infinity=False, places=2).map(str)

schemathesis.graphql.scalar("Int64", _INT64.map(nodes.Int))
schemathesis.graphql.scalar("Decimal", _DECIMALS.map(nodes.String))
schemathesis.graphql.scalar("RuleTree", st.just("{}").map(nodes.String))
