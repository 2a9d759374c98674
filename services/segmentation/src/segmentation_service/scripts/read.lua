-- Reads the states of customers of one partition.
-- KEYS: meta, rules, then the states.  ARGV: epoch, "1" if the partition must be ready, tenant,
-- ruleset version.  Answers {status, state or false, ...}.
local meta = redis.call('HMGET', KEYS[1], 'epoch', 'ready')
if meta[1] ~= ARGV[1] then return {1} end
if ARGV[2] == '1' and meta[2] ~= '1' then return {1} end
if (redis.call('HGET', KEYS[2], ARGV[3]) or '0') ~= ARGV[4] then return {2} end
local states = {}
if #KEYS > 2 then states = redis.call('MGET', unpack(KEYS, 3)) end
table.insert(states, 1, 0)
return states
