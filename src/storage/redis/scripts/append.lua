--[[ append: add to the end of a feed, and let go of what is older than the lifetime.
     KEYS[1] feed   ARGV[1] entry   ARGV[2] lifetime, in milliseconds
     returns the cursor of the entry
     Why a script: what is too old is told by the clock that made the cursors, never by a writer's. ]]
local now = redis.call('TIME')
local oldest = now[1] * 1000 + math.floor(now[2] / 1000) - ARGV[2]
local cursor = redis.call('XADD', KEYS[1], 'MINID', string.format('%d', oldest), '*', 'entry', ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return cursor
