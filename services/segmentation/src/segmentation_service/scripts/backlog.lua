-- Looks at what one partition has still to do.
-- KEYS: meta, outbox, due.  ARGV: none.  Answers {announcements waiting, customers overdue}.
local time = redis.call('TIME')
local now = string.format('%d', time[1] * 1000 + math.floor(time[2] / 1000))
return {redis.call('XLEN', KEYS[2]), redis.call('ZCOUNT', KEYS[3], '-inf', now)}
