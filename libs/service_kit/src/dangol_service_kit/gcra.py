"""How much may be taken now: the generic cell rate algorithm, pure, and once more as a script.

A quota of `burst` units refills at `per_second`. What is kept of it is one instant: when it would
be whole again (the theoretical arrival time of ATM Forum TM 4.1). All times are whole microseconds.
"""

from __future__ import annotations

import math
from typing import NamedTuple

MICROSECONDS = 1_000_000


class Quota(NamedTuple):
    """per_second units come back; burst may be taken at once. A quota of 0 is none at all."""

    per_second: float
    burst: int

    @property
    def interval_us(self) -> float:
        """How long one unit takes to come back."""
        return MICROSECONDS / self.per_second

    @property
    def is_limiting(self) -> bool:
        """Whether it refuses anything."""
        return self.per_second > 0 and self.burst > 0

    def part(self, share: float) -> Quota:
        """A smaller one; one that refuses nothing stays so."""
        return Quota(self.per_second * share, math.ceil(self.burst * share))

    @property
    def lease(self) -> int:
        """Units that a process takes at once, to spend them without asking: a 50th of the burst."""
        return max(1, self.burst // 50)


class Taken(NamedTuple):
    """granted units, 0 for a refusal; whole_at_us: the new state; wait_us: when to try again."""

    granted: int
    whole_at_us: float
    wait_us: int


def take(quota: Quota, whole_at_us: float, now_us: int, needed: int, wanted: int) -> Taken:
    """Takes `wanted` units, or fewer down to `needed`.

    Whoever needs more than a burst waits until the quota is whole, and is in debt afterwards.
    """
    used = max(0.0, whole_at_us - now_us) / quota.interval_us
    room = quota.burst - used
    least = min(needed, quota.burst)
    if room + _ROUNDING < least:
        return Taken(0, whole_at_us, math.ceil((least - room) * quota.interval_us))
    granted = max(needed, min(wanted, math.floor(room + _ROUNDING)))
    return Taken(granted, max(whole_at_us, now_us) + granted * quota.interval_us, 0)


# A part of a unit, for what floating numbers lose.
_ROUNDING = 1e-6

# KEYS: one for each quota, all in one slot. ARGV: for each its interval, burst, needed and wanted.
# Answers what was granted of each; or -1 and after how many microseconds to try again, with nothing
# taken. Redis' clock counts, so that replicas agree.
SCRIPT = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local granted, whole, wait = {}, {}, 0
for i, key in ipairs(KEYS) do
  local interval, burst = tonumber(ARGV[4 * i - 3]), tonumber(ARGV[4 * i - 2])
  local needed, wanted = tonumber(ARGV[4 * i - 1]), tonumber(ARGV[4 * i])
  local at = math.max(now, tonumber(redis.call('GET', key) or 0))
  local room = burst - (at - now) / interval
  local least = math.min(needed, burst)
  if room + 1e-6 < least then
    wait = math.max(wait, math.ceil((least - room) * interval))
  else
    granted[i] = math.max(needed, math.min(wanted, math.floor(room + 1e-6)))
    whole[i] = at + granted[i] * interval
  end
end
if wait > 0 then return {-1, wait} end
for i, key in ipairs(KEYS) do
  local left = math.max(1, math.ceil((whole[i] - now) / 1000))
  redis.call('SET', key, string.format('%.3f', whole[i]), 'PX', left)
end
return granted
"""
