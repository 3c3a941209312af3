--[[ unlist: take out of a list.
     KEYS[1] list, by position   KEYS[2] the same, by when they are due   ARGV[1] JSON: [member, …]
     returns nothing
     Why a script: both keys say the same, also after a crash. ]]
for _, member in ipairs(cjson.decode(ARGV[1])) do
  redis.call('ZREM', KEYS[1], member)
  redis.call('ZREM', KEYS[2], member)
end
