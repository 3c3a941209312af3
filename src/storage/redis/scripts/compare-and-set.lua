--[[ compareAndSet: replace a value that nobody changed meanwhile; lifetime and mark stay.
     KEYS[1] record   ARGV[1] the value that was read   ARGV[2] the value to write
     returns 1 written, 0 changed or gone
     Why a script: between a read and a write another process would be overwritten unseen. ]]
local record = redis.call('GET', KEYS[1])
if not record then
  return 0
end
local mark = string.match(record, '^[^{]* ') or ''
if record ~= mark .. ARGV[1] then
  return 0
end
redis.call('SET', KEYS[1], mark .. ARGV[2], 'KEEPTTL')
return 1
