/** Ends servers when this process is gone, even by SIGKILL: a shell that waits for the end of its input. */
import { type ChildProcess, spawn } from 'node:child_process'
import type { Socket } from 'node:net'

/** Lines: `+ <pid> <signal>` to watch a process, `- <pid>` to let it go, `f <folder>` to remove a folder at the end. */
const script = `
pids=
while read -r what name signal; do
  case $what in
    +) pids="$pids $name:$signal" ;;
    -) kept=; for one in $pids; do [ "\${one%:*}" = "$name" ] || kept="$kept $one"; done; pids=$kept ;;
    f) rm_later="$rm_later $name" ;;
  esac
done
for one in $pids; do
  pid=\${one%:*}
  kill -"\${one#*:}" "$pid"
  # Those that tests have paused, with their children, must go on to end.
  kill -CONT "$pid" $(ps -A -o pid=,ppid= | awk -v parent="$pid" '$2 == parent { print $1 }')
done
for wait in 1 2 3 4 5 6 7 8 9 10; do
  left=; for one in $pids; do kill -0 "\${one%:*}" && left=yes; done
  [ -z "$left" ] && break
  sleep 0.2
done
for one in $pids; do kill -KILL "\${one%:*}"; done
rm -rf $rm_later
`

let guard: ChildProcess | undefined

function tell(line: string): void {
  if (!guard) {
    // A session of its own: what a terminal sends to the tests (Ctrl-C) is not for the guard.
    guard = spawn('sh', ['-c', script], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
    guard.unref()
    ;(guard.stdin as Socket).unref()
  }
  guard.stdin?.write(`${line}\n`)
}

export const watch = (pid: number, signal: 'TERM' | 'QUIT'): void => tell(`+ ${pid} ${signal}`)
export const letGo = (pid: number): void => tell(`- ${pid}`)
/** The path must have no spaces: one of `mkdtemp` below `os.tmpdir()`. */
export const removeAtTheEnd = (folder: string): void => tell(`f ${folder}`)
