"""How long a malformed or hostile rule keeps the service busy before it is refused."""

from __future__ import annotations

import statistics
import time
from collections.abc import AsyncIterator, Callable
from functools import partial

from dangol_dev.bad_rules import BAD_RULES, TANGLES
from dangol_rules.rules import RuleError, parse
from segmentation_service.engine import SegmentRule, compile_ruleset

from bench import histories
from bench.figures import Figure

ROUNDS = 5


def _median_ms(run: Callable[[], object]) -> float:
    """Of several rounds, since the machine does other things as well."""
    times_ms = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        run()
        times_ms.append((time.perf_counter() - started) * 1000)
    return statistics.median(times_ms)


def _refuse(read: Callable[[], object]) -> None:
    try:
        read()
    except RuleError:
        return
    raise RuntimeError("a bad rule was accepted")


async def figures() -> AsyncIterator[Figure]:
    """The slowest of the bad rules, and of segments that do not fit, beside good ones."""
    worst_ms = max(_median_ms(partial(_refuse, partial(parse, bad.text))) for bad in BAD_RULES)
    good_ms = max(_median_ms(partial(parse, text)) for text in histories.RULES)
    name = f"refusing a rule, worst of {len(BAD_RULES)}"
    yield Figure(name, worst_ms, "ms", "reading a good one", good_ms, "<= 50")
    tangles = [
        [SegmentRule(name, parse(text)) for name, text in tangle.rules.items()]
        for tangle in TANGLES
    ]
    tangled_ms = max(
        _median_ms(partial(_refuse, partial(compile_ruleset, tangle, "Asia/Seoul")))
        for tangle in tangles
    )
    good = [SegmentRule(f"s{number}", parse(text)) for number, text in enumerate(histories.RULES)]
    fitting_ms = _median_ms(partial(compile_ruleset, good, "Asia/Seoul"))
    name = f"refusing segments that do not fit, worst of {len(TANGLES)}"
    yield Figure(name, tangled_ms, "ms", "compiling 25", fitting_ms, "<= 50")
