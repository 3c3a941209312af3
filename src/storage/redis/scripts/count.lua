--[[ count: add one to a counter that forgets a while after its first count.
     KEYS[1] counter   KEYS[2] answer   ARGV[1] window, in milliseconds   ARGV[2] lifetime of the answer
     returns { count, milliseconds left }
     Why a script: a crash between INCR and PEXPIRE would lock an account out for ever. ]]
local count = tonumber(redis.call('GET', KEYS[2]))
if not count then
  count = redis.call('INCR', KEYS[1])
  if count == 1 then
    redis.call('PEXPIRE', KEYS[1], ARGV[1])
  end
  redis.call('SET', KEYS[2], count, 'PX', ARGV[2])
end
return { count, redis.call('PTTL', KEYS[1]) }
