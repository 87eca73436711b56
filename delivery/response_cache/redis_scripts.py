"""What Redis does for the shared store, each in one step that nothing comes between.

`marks` is one hash: an epoch, a clock that counts purges, and for each purged tag when it was
(`t:`) and by which event (`e:`). An answer is stored with the epoch and the clock of the moment
when its computation began; it is good while the epoch is the same and no tag of it was purged
since. So a purge touches no entry, and an entry that comes late is refused. If the hash is
lost, evicted or flushed, a new epoch begins and everything from before is void.
"""

from typing import Final

_CHECK: Final = """
local function is_old(marks, epoch, clock, tags)
  if redis.call('HGET', marks, 'epoch') ~= epoch then return true end
  local names = {}
  for tag in string.gmatch(tags, '%S+') do names[#names + 1] = 't:' .. tag end
  if #names == 0 then return true end
  for _, at in ipairs(redis.call('HMGET', marks, unpack(names))) do
    if at and tonumber(at) > tonumber(clock) then return true end
  end
  return false
end
local function milliseconds()
  local now = redis.call('TIME')
  return now[1] * 1000 + math.floor(now[2] / 1000)
end
local function ensure(marks, seed)
  if redis.call('HSETNX', marks, 'epoch', seed) == 1 then redis.call('HSET', marks, 'clock', 0) end
end
"""

BEGIN: Final = (
    _CHECK
    + """
local marks, entry = KEYS[1], KEYS[2]
ensure(marks, ARGV[1])
local now = milliseconds()
local state = redis.call('HMGET', marks, 'epoch', 'clock')
local found = redis.call('HMGET', entry, 'epoch', 'clock', 'tags', 'at', 'head', 'body')
if not found[1] or is_old(marks, found[1], found[2], found[3]) then
  return {state[1], state[2], now}
end
return {state[1], state[2], now, now - found[4], found[5], found[6]}
"""
)
"""KEYS marks, entry; ARGV a new epoch. Gives epoch, clock, time; with age, head and body if found."""

STORE: Final = (
    _CHECK
    + """
local marks, index, sizes, bytes, entry = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local epoch, clock, at, tags = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local head, body, life, most = ARGV[5], ARGV[6], tonumber(ARGV[7]), tonumber(ARGV[8])
if is_old(marks, epoch, clock, tags) then return 0 end
local size = #tags + #head + #body + #entry + 300
local before = tonumber(redis.call('HGET', sizes, entry) or 0)
redis.call('DEL', entry)
redis.call('HSET', entry, 'epoch', epoch, 'clock', clock, 'at', at, 'tags', tags,
  'head', head, 'body', body)
redis.call('PEXPIRE', entry, life)
redis.call('HSET', sizes, entry, size)
redis.call('ZADD', index, milliseconds(), entry)
local total = redis.call('INCRBY', bytes, size - before)
while total > most do
  local oldest = redis.call('ZPOPMIN', index)
  if not oldest[1] then redis.call('SET', bytes, 0) break end
  local gone = tonumber(redis.call('HGET', sizes, oldest[1]) or 0)
  redis.call('HDEL', sizes, oldest[1])
  redis.call('DEL', oldest[1])
  total = redis.call('DECRBY', bytes, gone)
end
return 1
"""
)
"""KEYS marks, index, sizes, bytes, entry; ARGV epoch, clock, time, tags, head, body, life, most."""

PURGE: Final = (
    _CHECK
    + """
local marks, channel = KEYS[1], ARGV[1]
local seed, event, most = ARGV[2], ARGV[3], tonumber(ARGV[4])
ensure(marks, seed)
local fresh = {}
for place = 5, #ARGV do
  local known = redis.call('HGET', marks, 'e:' .. ARGV[place])
  if known ~= event then fresh[#fresh + 1] = ARGV[place] end
end
if #fresh == 0 then return 0 end
local clock = redis.call('HINCRBY', marks, 'clock', 1)
for _, tag in ipairs(fresh) do
  redis.call('HSET', marks, 't:' .. tag, clock, 'e:' .. tag, event)
end
if redis.call('HLEN', marks) > most then redis.call('DEL', marks) end
redis.call('PUBLISH', channel, event .. ' ' .. table.concat(fresh, ' '))
return #fresh
"""
)
"""KEYS marks; ARGV channel, a new epoch, the event's id, most marks, tags. Gives how many were new.

An event that comes again purges nothing twice, unless another one has purged the tag in between.
Which of two is the later cannot be told by their ids: the clocks of two hosts may differ, and a
purge too many does no harm.
"""
