--[[ compareAndSet: replace a value that nobody changed meanwhile; lifetime and taken mark stay.
     KEYS[1] record   ARGV[1] the value that was read   ARGV[2] the value to write
     returns 1 written, 0 changed or gone
     Why a script: between a read and a write another process would be overwritten unseen. ]]
local record = redis.call('GET', KEYS[1])
if not record then
  return 0
end
local takenMark = string.match(record, '^%d+ ') or ''
if record ~= takenMark .. ARGV[1] then
  return 0
end
redis.call('SET', KEYS[1], takenMark .. ARGV[2], 'KEEPTTL')
return 1
