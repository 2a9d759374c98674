-- Applies decisions on customers of one partition; each whole or, if another came first, not.
-- KEYS: meta, rules, outbox, due, then for each customer the state and the member indexes that
-- change.  ARGV: epoch, "1" if the partition must be ready, tenant, ruleset version, then for
-- each customer: version read, new state ("" deletes), name in due, deadline ("" for none),
-- number of indexes, for each the customer and the score ("" leaves), number of announcements
-- and these.  Answers {status, for each customer the last number used, 0 if none, or -1 when it
-- lost}.
local meta = redis.call('HMGET', KEYS[1], 'epoch', 'ready')
if meta[1] ~= ARGV[1] then return {1} end
if ARGV[2] == '1' and meta[2] ~= '1' then return {1} end
if (redis.call('HGET', KEYS[2], ARGV[3]) or '0') ~= ARGV[4] then return {2} end
local answer = {0}
local k, a = 5, 5
while k <= #KEYS do
  local state = KEYS[k]
  local index_count = tonumber(ARGV[a + 4])
  local announcements = a + 5 + 2 * index_count
  local announcement_count = tonumber(ARGV[announcements])
  if redis.call('GETRANGE', state, 0, 7) == ARGV[a] then
    local last = 0
    if announcement_count > 0 then
      last = redis.call('HINCRBY', KEYS[1], 'seq', announcement_count)
    end
    for i = 1, announcement_count do
      local id = ARGV[1] .. '-' .. string.format('%d', last - announcement_count + i)
      redis.call('XADD', KEYS[3], id, 'd', ARGV[announcements + i])
    end
    if ARGV[a + 1] == '' then
      redis.call('DEL', state)
    else
      redis.call('SET', state, ARGV[a + 1])
    end
    for i = 1, index_count do
      local name, score = ARGV[a + 3 + 2 * i], ARGV[a + 4 + 2 * i]
      if score == '' then
        redis.call('ZREM', KEYS[k + i], name)
      else
        redis.call('ZADD', KEYS[k + i], score, name)
      end
    end
    if ARGV[a + 3] == '' then
      redis.call('ZREM', KEYS[4], ARGV[a + 2])
    else
      redis.call('ZADD', KEYS[4], ARGV[a + 3], ARGV[a + 2])
    end
    answer[#answer + 1] = last
  else
    answer[#answer + 1] = -1
  end
  k = k + 1 + index_count
  a = announcements + announcement_count + 1
end
return answer
