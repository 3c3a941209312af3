--[[ enlist: add to a list, or say anew of who is in it where it stands and when it is due; let go of who was not named for long.
     KEYS[1] list, by position   KEYS[2] the same, by when they are due   KEYS[3] the same, by when they leave
     ARGV[1] for how long they stay, in milliseconds   ARGV[2] 'there': only who is in the list, or 'all'
     ARGV[3] JSON: [[member, position, milliseconds until it is due], …]
     returns nothing
     Why a script: the three keys say the same, and live as long; when somebody is due the store's clock tells. ]]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for _, entry in ipairs(cjson.decode(ARGV[3])) do
  local member, position, due = entry[1], entry[2], entry[3]
  if ARGV[2] == 'all' or redis.call('ZSCORE', KEYS[1], member) then
    redis.call('ZADD', KEYS[1], position, member)
    redis.call('ZADD', KEYS[2], string.format('%d', now + due), member)
    redis.call('ZADD', KEYS[3], string.format('%d', now + ARGV[1]), member)
  end
end
for _, member in ipairs(redis.call('ZRANGE', KEYS[3], '-inf', string.format('%d', now), 'BYSCORE', 'LIMIT', 0, 100)) do
  for _, key in ipairs(KEYS) do
    redis.call('ZREM', key, member)
  end
end
for _, key in ipairs(KEYS) do
  if redis.call('PTTL', key) < tonumber(ARGV[1]) then
    redis.call('PEXPIRE', key, ARGV[1])
  end
end
