--[[ writeIfAbsent: write where nothing is.
     KEYS[1] record   KEYS[2] answer   ARGV[1] value   ARGV[2] its lifetime, in milliseconds, 0 for ever
     ARGV[3] lifetime of the answer
     returns 1 written, 0 there was something
     Why a script: who asks again because the answer was lost must be told what it did, not what it finds. ]]
if redis.call('GET', KEYS[2]) then
  return 1
end
local lifetime = ARGV[2] == '0' and {} or { 'PX', ARGV[2] }
if not redis.call('SET', KEYS[1], ARGV[1], 'NX', unpack(lifetime)) then
  return 0
end
redis.call('SET', KEYS[2], 1, 'PX', ARGV[3])
return 1
