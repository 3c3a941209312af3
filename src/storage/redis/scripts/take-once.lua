--[[ takeOnce: mark a one-time record as taken. Exactly one caller wins.
     KEYS[1] record   ARGV[1] now, in seconds
     returns 'taken' by this call, 'gone', or the second at which it was taken before
     Why a script: read-then-write lets two token requests both succeed (RFC 6749 §4.1.2). ]]
local record = redis.call('GET', KEYS[1])
if not record then
  return 'gone'
end
local takenAt = string.match(record, '^(%d+) ')
if takenAt then
  return tonumber(takenAt)
end
redis.call('SET', KEYS[1], ARGV[1] .. ' ' .. record, 'KEEPTTL')
return 'taken'
