-- Counts the members of segments in one partition.
-- KEYS: meta, then the indexes.  ARGV: epoch.  Answers {status, count, ...}.
local meta = redis.call('HMGET', KEYS[1], 'epoch', 'ready')
if meta[1] ~= ARGV[1] or meta[2] ~= '1' then return {1} end
local counts = {0}
for i = 2, #KEYS do counts[i] = redis.call('ZCARD', KEYS[i]) end
return counts
