--[[ enlist: add to a list, or say anew of who is in it where it stands and when it is due; let go of who was due long ago.
     KEYS[1] list, by position   KEYS[2] the same, by when they are due
     ARGV[1] for how long somebody stays who is due, in milliseconds   ARGV[2] 'there': only who is in the list, or 'all'
     ARGV[3] JSON: [[member, position, milliseconds until it is due], …]
     returns nothing
     Why a script: both keys say the same, and live as long; when somebody is due the store's clock tells. ]]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local lifetime = 0
for _, entry in ipairs(cjson.decode(ARGV[3])) do
  local member, position, due = entry[1], entry[2], math.max(0, entry[3])
  if ARGV[2] == 'all' or redis.call('ZSCORE', KEYS[1], member) then
    redis.call('ZADD', KEYS[1], position, member)
    redis.call('ZADD', KEYS[2], string.format('%d', now + due), member)
    lifetime = math.max(lifetime, due + ARGV[1])
  end
end
local left = string.format('%d', now - ARGV[1])
for _, member in ipairs(redis.call('ZRANGE', KEYS[2], '-inf', left, 'BYSCORE', 'LIMIT', 0, 100)) do
  redis.call('ZREM', KEYS[1], member)
  redis.call('ZREM', KEYS[2], member)
end
for _, key in ipairs(KEYS) do
  if lifetime > 0 and redis.call('PTTL', key) < lifetime then
    redis.call('PEXPIRE', key, string.format('%d', lifetime))
  end
end
