--[[ readList: a part of a list, the highest position first; how many there are, and who is due.
     KEYS[1] list, by position   KEYS[2] the same, by when they are due
     ARGV[1] how many come before the part   ARGV[2] position after which it begins instead, or empty   ARGV[3] member there
     ARGV[4] how many at most   ARGV[5] how many at most of those who are due
     returns { count, { member, position, … }, count of those who are due, { member, … } }
     Why a script: all of it is of the same moment; a place in the list is found also when nobody stands there any more. ]]
local first = tonumber(ARGV[1])
if ARGV[2] ~= '' then
  local isNew = redis.call('ZADD', KEYS[1], 'NX', ARGV[2], ARGV[3]) == 1
  first = redis.call('ZREVRANK', KEYS[1], ARGV[3]) + (isNew and 0 or 1)
  if isNew then
    redis.call('ZREM', KEYS[1], ARGV[3])
  end
end
local part = {}
if tonumber(ARGV[4]) > 0 then
  part = redis.call('ZRANGE', KEYS[1], first, first + ARGV[4] - 1, 'REV', 'WITHSCORES')
end
local time = redis.call('TIME')
local now = string.format('%d', time[1] * 1000 + math.floor(time[2] / 1000))
local due = redis.call('ZRANGE', KEYS[2], '-inf', now, 'BYSCORE', 'LIMIT', 0, ARGV[5])
return { redis.call('ZCARD', KEYS[1]), part, redis.call('ZCOUNT', KEYS[2], '-inf', now), due }
