"""Faults put into a copy of profile, each by an exact replacement in its source."""

from __future__ import annotations

from pathlib import Path

import profile_service

from tests.integration.planted import Mutation

SOURCE = Path(profile_service.__file__).parent


FAULTLESS = Mutation("none", "identify.py", "class Plan:", "class Plan:")

# The first two are hunted by `make test` too: one of what is written, one of what is added up.
FAULTS = (
    Mutation(
        "a merge leaves the visitor's identifiers behind",
        "service_merge.py",
        "            await self._identifiers.move("
        "holder.tenant_id, holder.customer_id, holder.merged_into)\n",
        "",
    ),
    Mutation(
        "what is returned is counted as bought",
        "facts.py",
        "            revenue=sums.get(PURCHASE, 0),\n",
        "            revenue=sums.get(PURCHASE, 0) + sums.get(RETURN, 0),\n",
    ),
    Mutation(
        "two members become one",
        "identify.py",
        "    if any(source.member for source in sources) or _borrows",
        "    if _borrows",
    ),
    Mutation(
        "a member's number is given to whoever shares the device",
        "identify.py",
        "    return bool(members - named)\n",
        "    return False\n",
    ),
    Mutation(
        "a merge forgets the visitor's tags",
        "survivorship.py",
        "        return Choice.UNION if base in _SETS else Choice.KEEP\n    if rule",
        "        return Choice.KEEP\n    if rule",
    ),
    Mutation(
        "a merge that was broken off is never finished",
        "relay.py",
        "if one.merge_source and await self._merger.finish(one)]",
        "if one.merge_source]",
    ),
    Mutation(
        "a customer whose maker died is not made",
        "service_registry.py",
        "        missing = [one for one in wanted if one not in found and one in owned]\n",
        "        missing: list[str] = []\n",
    ),
    Mutation(
        "an erasure leaves the events",
        "store_events.py",
        'condition = {"h": {"$in": list(hashes)}, "at": {"$lte": until_ms}}',
        'condition = {"h": {"$in": list(hashes)}, "at": {"$lte": until_ms - 172_800_000}}',
    ),
    Mutation(
        "an erasure does not keep late events out",
        "store_identifiers.py",
        '"$set": {"c": "", "ns": "", "gone": gone_ms}',
        '"$set": {"c": "", "ns": "", "gone": -1}',
    ),
    Mutation(
        "a page begins with the last event of the one before",
        "timelines.py",
        "        return position > self.after if self.oldest_first else position < self.after",
        "        return position >= self.after if self.oldest_first else position <= self.after",
    ),
    Mutation(
        "a page skips events of the instant at which it begins",
        "timelines.py",
        "        return position > self.after if self.oldest_first else position < self.after",
        "        return (position[0] > self.after[0]) if self.oldest_first "
        "else (position[0] < self.after[0])",
    ),
    Mutation(
        "a customer is first seen when the latest of the identifiers was",
        "domain.py",
        "        min(firsts, default=None),\n",
        "        max(firsts, default=None),\n",
    ),
    Mutation(
        "an event sent again is recorded as new",
        "service_record.py",
        "                batch.settle(one.position, RecordOutcome.DUPLICATE)\n            else:",
        "                batch.settle(one.position, RecordOutcome.RECORDED)\n            else:",
    ),
    Mutation(
        "a day in UTC counts as a day of the tenant",
        "facts.py",
        "        return datetime.fromtimestamp(at_ms // 1000, UTC).astimezone(zone).date()",
        "        return datetime.fromtimestamp(at_ms // 1000, UTC).date()",
    ),
)
