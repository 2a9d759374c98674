-- Members of one segment in one partition from a score on, in order of (score, customer).
-- KEYS: meta, index.  ARGV: epoch, lowest score, how many to skip, at most so many.
-- Answers {status, customer, score, ...}.
local meta = redis.call('HMGET', KEYS[1], 'epoch', 'ready')
if meta[1] ~= ARGV[1] or meta[2] ~= '1' then return {1} end
local members = redis.call(
  'ZRANGEBYSCORE', KEYS[2], ARGV[2], '+inf', 'WITHSCORES', 'LIMIT', ARGV[3], ARGV[4])
table.insert(members, 1, 0)
return members
