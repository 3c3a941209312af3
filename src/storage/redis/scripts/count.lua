--[[ count: add one to a counter that forgets a while after its first count.
     KEYS[1] counter   ARGV[1] window, in milliseconds
     returns { count, milliseconds left }
     Why a script: a crash between INCR and PEXPIRE would lock an account out for ever. ]]
local count = redis.call('INCR', KEYS[1])
if count == 1 then
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
end
return { count, redis.call('PTTL', KEYS[1]) }
