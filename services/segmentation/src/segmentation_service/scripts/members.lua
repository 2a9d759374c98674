-- Members of one segment in one partition after a place, in order of (score, customer).
-- KEYS: meta, index.  ARGV: epoch, score of the place ("-inf": all), the customer there ("" for
-- none), at most so many.  Answers {status, customer, score, ...}.
local meta = redis.call('HMGET', KEYS[1], 'epoch', 'ready')
if meta[1] ~= ARGV[1] or meta[2] ~= '1' then return {1} end
local limit = tonumber(ARGV[4])
if ARGV[3] ~= '' and redis.call('ZSCORE', KEYS[2], ARGV[3]) == ARGV[2] then
  local rank = redis.call('ZRANK', KEYS[2], ARGV[3])
  local page = redis.call('ZRANGE', KEYS[2], rank + 1, rank + limit, 'WITHSCORES')
  table.insert(page, 1, 0)
  return page
end
-- By bytes, as sorted sets are ordered; Lua compares by the server's locale.
local function comes_after(name, last)
  for i = 1, math.min(#name, #last) do
    local one, other = string.byte(name, i), string.byte(last, i)
    if one ~= other then return one > other end
  end
  return #name > #last
end
-- The customer at the place has left: those of the same score are looked through.
local found, skip = {0}, 0
while true do
  local page = redis.call(
    'ZRANGEBYSCORE', KEYS[2], ARGV[2], '+inf', 'WITHSCORES', 'LIMIT', skip, limit)
  for i = 1, #page, 2 do
    if page[i + 1] ~= ARGV[2] or comes_after(page[i], ARGV[3]) then
      found[#found + 1], found[#found + 2] = page[i], page[i + 1]
      if #found > 2 * limit then return found end
    end
  end
  if #page < 2 * limit then return found end
  skip = skip + limit
end
