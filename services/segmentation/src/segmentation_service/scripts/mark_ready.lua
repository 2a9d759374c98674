-- Opens a partition, if it still has the epoch under which it was made whole.
-- KEYS: meta.  ARGV: epoch.  Answers 1 when it is open.
if redis.call('HGET', KEYS[1], 'epoch') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'ready', '1')
return 1
