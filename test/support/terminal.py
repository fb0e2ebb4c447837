"""Runs a command at a pseudo-terminal and plays keys when words appear: `WORDS=KEYS` pairs, then `--`, then the
command. Its output goes to stdout, its exit code is ours. Keys: ^C for Ctrl-C, ^M for Enter."""
import os
import pty
import select
import signal
import sys
import time

split = sys.argv.index("--")
script = [pair.split("=", 1) for pair in sys.argv[1:split]]
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[split + 1], sys.argv[split + 1 :])

seen = ""
deadline = time.monotonic() + 50
while time.monotonic() < deadline:
    ready, _, _ = select.select([terminal], [], [], 0.2)
    if ready:
        try:
            text = os.read(terminal, 65536).decode(errors="replace")
        except OSError:
            break
        if not text:
            break
        seen += text
        sys.stdout.write(text)
        sys.stdout.flush()
    if script and script[0][0] in seen:
        words, keys = script.pop(0)
        seen = seen[seen.index(words) + len(words) :]
        os.write(terminal, keys.replace("^C", "\x03").replace("^M", "\r").encode())
if time.monotonic() >= deadline:
    os.kill(pid, signal.SIGTERM)
_, status = os.waitpid(pid, 0)
sys.exit(os.waitstatus_to_exitcode(status))
