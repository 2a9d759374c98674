-- Says which version of a tenant's ruleset decisions must rest on; it only grows.
-- KEYS: rules.  ARGV: tenant, version.  Answers the version that holds.
local held = tonumber(redis.call('HGET', KEYS[1], ARGV[1]) or '0')
if held >= tonumber(ARGV[2]) then return held end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return tonumber(ARGV[2])
