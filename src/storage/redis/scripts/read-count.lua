--[[ readCount: how often was counted, and for how long that is remembered.
     KEYS[1] counter
     returns { count, milliseconds left }; the latter is negative when nothing was counted
     Why a script: one command instead of two, and both answers are of the same moment. ]]
local count = redis.call('GET', KEYS[1]) or 0
return { tonumber(count), redis.call('PTTL', KEYS[1]) }
