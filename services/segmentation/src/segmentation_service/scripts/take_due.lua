-- Takes customers whose deadline has come, earliest first, out of sight of other takers.
-- KEYS: meta, due.  ARGV: epoch, at most so many, milliseconds out of sight (0: they stay in
-- sight), the time ("" for Redis' own).  Answers {status, the time, customer, ...}.
local meta = redis.call('HMGET', KEYS[1], 'epoch', 'ready')
if meta[1] ~= ARGV[1] or meta[2] ~= '1' then return {1} end
local now = tonumber(ARGV[4])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local text = string.format('%d', now)
local taken = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', text, 'LIMIT', 0, ARGV[2])
local hidden = tonumber(ARGV[3])
if hidden > 0 then
  for i = 1, #taken do
    redis.call('ZADD', KEYS[2], string.format('%d', now + hidden), taken[i])
  end
end
table.insert(taken, 1, text)
table.insert(taken, 1, 0)
return taken
