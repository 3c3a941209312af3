--[[ addMember: add to a set that lives at least this long from now.
     KEYS[1] index   ARGV[1] member   ARGV[2] lifetime, in milliseconds
     returns nothing
     Why a script: a crash between the two writes would leave a set that never goes. PEXPIRE … GT cannot do it:
     to GT a set that was just created, and has no lifetime yet, lives for ever already. ]]
redis.call('SADD', KEYS[1], ARGV[1])
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[2]) then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
