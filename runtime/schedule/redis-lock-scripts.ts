/**
 * What is decided inside Redis. The clock is Redis's, whoever asks. Numbers are milliseconds, but for a tick.
 *
 * `due` is a sorted set of members by when there is something to do: a tick comes, a retry, or the lock expires of who has
 * taken it, which half a millisecond on the score tells. So a worker looks at one member, not at all; and what was lost of
 * a worker that died is found like any other work.
 */
import { Script } from '../online/redis-script.ts'

const clock = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function text(number) return string.format('%.0f', number) end
`

/** How many locks of others a claim may meet: of another build, or where what was due was entered anew. */
const attempts = 8

/**
 * KEYS: due, idle, seen, look. ARGV: where locks and failures are, worker, random, lease, ahead, pace, chance (0 to 1), how
 * often somebody must look after all this or nothing, how long it lives.
 *
 * Of what is due one by chance, as `rankOf` has it; of what comes the first.
 */
export const claim = new Script(`${clock}
local prefix, worker, random = ARGV[1], ARGV[2], ARGV[3]
local lease, ahead, pace, chance = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local turn, incarnation = 0, false
if ARGV[8] ~= '' and redis.call('SET', KEYS[4], worker, 'NX', 'PX', ARGV[8]) then
  turn = 1
  incarnation = redis.call('GET', KEYS[3])
  redis.call('PEXPIRE', KEYS[1], ARGV[9])
  redis.call('PEXPIRE', KEYS[3], ARGV[9])
end
for _ = 1, ${attempts} do
  local ready = redis.call('ZCOUNT', KEYS[1], '-inf', text(now))
  local rank = math.floor(chance * chance * ready)
  local found = redis.call('ZRANGE', KEYS[1], rank, rank, 'WITHSCORES')
  local member, score = found[1], tonumber(found[2])
  local due = member and math.floor(score)
  -- What comes and is taken is no work yet.
  if not member or score > now + ahead or (score > now and score > due) then break end
  local life = math.max(due - now, 0) + lease
  local lock = prefix .. 'lock:' .. member
  local token = worker .. '|' .. random .. '|' .. text(now)
  if redis.call('SET', lock, token, 'NX', 'PX', text(life)) then
    redis.call('ZADD', KEYS[1], text(now + life) .. '.5', member)
    local abandoned = score > due and 1 or 0
    local failure = redis.call('GET', prefix .. 'failed:' .. member)
    return { now, turn, incarnation, 1, member, token, due, now + life, abandoned, failure }
  end
  redis.call('ZADD', KEYS[1], text(now + math.max(redis.call('PTTL', lock), 1)), member)
  if score > now then break end
end
redis.call('ZADD', KEYS[2], text(now + 2 * pace), worker)
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', text(now))
redis.call('PEXPIRE', KEYS[2], text(4 * pace))
local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
local upcoming = redis.call('ZCOUNT', KEYS[1], '-inf', text(now + pace))
local rank = math.floor(chance * upcoming)
local some = upcoming > 0 and redis.call('ZRANGE', KEYS[1], rank, rank, 'WITHSCORES')[2]
local workers, entered = redis.call('ZCARD', KEYS[2]), redis.call('ZCARD', KEYS[1])
return { now, turn, incarnation, 0, first[2] or false, upcoming, some, workers, entered }
`)

/** KEYS: due, locks. ARGV: lease; for each lock its member and token. Says which are lost, by their places from 1. */
export const renew = new Script(`${clock}
local lost = {}
for index = 2, #KEYS do
  local member, token = ARGV[2 * index - 2], ARGV[2 * index - 1]
  if redis.call('GET', KEYS[index]) == token then
    redis.call('PEXPIRE', KEYS[index], ARGV[1])
    redis.call('ZADD', KEYS[1], text(now + ARGV[1]) .. '.5', member)
  else lost[#lost + 1] = index - 1 end
end
return lost
`)

/**
 * KEYS: due, lock, done, failed. ARGV: member, token, when it is due again or nothing to keep the lock, what was done or
 * nothing, what failed: 'none' to clear it, or nothing to leave it; how long these live. Nothing is done by who does not
 * hold the lock.
 */
export const giveBack = new Script(`
local member = ARGV[1]
if redis.call('GET', KEYS[2]) ~= ARGV[2] then return 0 end
if ARGV[3] ~= '' then
  redis.call('DEL', KEYS[2])
  redis.call('ZADD', KEYS[1], ARGV[3], member)
end
if ARGV[4] ~= '' then redis.call('SET', KEYS[3], ARGV[4], 'PX', ARGV[6]) end
if ARGV[5] == 'none' then redis.call('DEL', KEYS[4])
elseif ARGV[5] ~= '' then redis.call('SET', KEYS[4], ARGV[5], 'PX', ARGV[6]) end
return 1
`)
