--[[ rotate: take a record and write its successor, in one step.
     KEYS[1] record   KEYS[2] successor   KEYS[3] index   KEYS[4] companion   KEYS[5] companion
     ARGV[1] now, in seconds   ARGV[2] grace, in seconds   ARGV[3] successor's text   ARGV[4] lifetime, in milliseconds
     returns as takeOnce: 'taken', 'gone', or the second at which it was taken before
     Why a script: a crash between taking and writing would sign a tool out; two rotations at once must agree. ]]
local record = redis.call('GET', KEYS[1])
if not record then
  return 'gone'
end
local takenAt = tonumber(string.match(record, '^(%d+) '))
if takenAt and ARGV[1] - takenAt >= tonumber(ARGV[2]) then
  return takenAt
end
if not takenAt then
  redis.call('SET', KEYS[1], ARGV[1] .. ' ' .. record, 'KEEPTTL')
end
redis.call('SET', KEYS[2], ARGV[3], 'PX', ARGV[4], 'NX')
redis.call('SADD', KEYS[3], KEYS[2])
if redis.call('PTTL', KEYS[3]) < tonumber(ARGV[4]) then
  redis.call('PEXPIRE', KEYS[3], ARGV[4])
end
redis.call('PEXPIRE', KEYS[4], ARGV[4], 'GT')
redis.call('PEXPIRE', KEYS[5], ARGV[4], 'GT')
return takenAt or 'taken'
