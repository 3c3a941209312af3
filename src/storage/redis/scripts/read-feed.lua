--[[ readFeed: the entries after a cursor, oldest first.
     KEYS[1] feed   ARGV[1] cursor, or 0-0 for none   ARGV[2] how many at most
     returns { { cursor, { 'entry', entry } }, … }
     Why a script: whether the cursor lies beyond the end is known only together with what is read. ]]
if redis.call('EXISTS', KEYS[1]) == 0 then
  return {}
end
local info = redis.call('XINFO', 'STREAM', KEYS[1])
local last
for i = 1, #info, 2 do
  if info[i] == 'last-generated-id' then
    last = info[i + 1]
  end
end
local lastTime, lastNumber = string.match(last, '(%d+)-(%d+)')
local time, number = string.match(ARGV[1], '(%d+)-(%d+)')
local ahead = tonumber(time) - tonumber(lastTime)
if ahead > 0 or (ahead == 0 and tonumber(number) > tonumber(lastNumber)) then
  return redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', ARGV[2])
end
return redis.call('XRANGE', KEYS[1], '(' .. ARGV[1], '+', 'COUNT', ARGV[2])
