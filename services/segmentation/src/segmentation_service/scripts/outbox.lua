-- Looks at what one partition has to announce.
-- KEYS: meta, outbox.  ARGV: at most so many, after which entry.  Answers {epoch, last number,
-- entries}.
local meta = redis.call('HMGET', KEYS[1], 'epoch', 'seq')
return {
  meta[1] or '0', meta[2] or '0', redis.call('XRANGE', KEYS[2], ARGV[2], '+', 'COUNT', ARGV[1])}
