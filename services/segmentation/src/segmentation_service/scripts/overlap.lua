-- Counts the members of segments in one partition, and those whom pairs of them share.
-- KEYS: meta, then the indexes.  ARGV: epoch, then for each pair the places of its indexes,
-- from 1.  Answers {status, count of each index, ..., count of each pair, ...}.
local meta = redis.call('HMGET', KEYS[1], 'epoch', 'ready')
if meta[1] ~= ARGV[1] or meta[2] ~= '1' then return {1} end
local counts = {0}
for i = 2, #KEYS do counts[i] = redis.call('ZCARD', KEYS[i]) end
for a = 2, #ARGV, 2 do
  local one, other = KEYS[1 + tonumber(ARGV[a])], KEYS[1 + tonumber(ARGV[a + 1])]
  counts[#counts + 1] = redis.call('ZINTERCARD', 2, one, other)
end
return counts
