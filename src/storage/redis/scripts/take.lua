--[[ take: mark a record as taken, and replace and write what goes with it, all or nothing. Exactly one nonce wins.
     KEYS[1] record   KEYS[2] replaced   KEYS[3] written   ARGV[1] nonce
     ARGV[2] text of the replaced as it was read, or empty   ARGV[3] its new text
     ARGV[4] text to write, or empty   ARGV[5] lifetime of both, in milliseconds
     returns 'taken' by this nonce, 'gone', 'changed', or for how many milliseconds another nonce has had it
     Why a script: read-then-write lets two token requests both succeed (RFC 6749 §4.1.2), and a crash between taking
     and writing would leave a client with nothing. ]]
local record = redis.call('GET', KEYS[1])
if not record then
  return 'gone'
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local takenAt, nonce = string.match(record, '^t(%d+):(%S+) ')
if takenAt then
  return nonce == ARGV[1] and 'taken' or math.max(0, now - takenAt)
end
if ARGV[2] ~= '' then
  if redis.call('GET', KEYS[2]) ~= ARGV[2] then
    return 'changed'
  end
  redis.call('SET', KEYS[2], ARGV[3], 'KEEPTTL')
  redis.call('PEXPIRE', KEYS[2], ARGV[5], 'GT')
end
if ARGV[4] ~= '' then
  redis.call('SET', KEYS[3], ARGV[4], 'PX', ARGV[5])
end
redis.call('SET', KEYS[1], string.format('t%d:%s %s', now, ARGV[1], record), 'KEEPTTL')
return 'taken'
