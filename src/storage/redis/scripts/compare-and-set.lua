--[[ compareAndSet: replace a value that nobody changed meanwhile; lifetime and mark stay.
     KEYS[1] record   KEYS[2] answer   ARGV[1] the value that was read   ARGV[2] the value to write
     ARGV[3] lifetime of the answer, in milliseconds
     returns 1 written, 0 changed or gone
     Why a script: between a read and a write another process would be overwritten unseen. ]]
if redis.call('GET', KEYS[2]) then
  return 1
end
local record = redis.call('GET', KEYS[1])
if not record then
  return 0
end
local mark = string.match(record, '^[^{]* ') or ''
if record ~= mark .. ARGV[1] then
  return 0
end
redis.call('SET', KEYS[1], mark .. ARGV[2], 'KEEPTTL')
redis.call('SET', KEYS[2], 1, 'PX', ARGV[3])
return 1
