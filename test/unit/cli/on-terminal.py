"""Runs a program on a terminal of its own, without a size, and plays a story to it.

Arguments: the story as JSON, then the program. Prints {"status", "output"} as JSON. Each step of a story is
a list: ["text", T] waits for T on the terminal, ["file", P] for a file; ["send", T] types; ["touch", P] makes
a file; ["signal", N] signals the program; ["pause", S] waits; ["close"] closes the terminal.
"""
import json, os, pty, select, signal, sys, time

LIMIT_S = 50
story, program = json.loads(sys.argv[1]), sys.argv[2:]
child, terminal = pty.fork()
if child == 0:
    os.execvp(program[0], program)
output, is_open, deadline = b"", True, time.monotonic() + LIMIT_S


def read(wait_s):
    global output
    if not is_open:
        time.sleep(wait_s)
        return
    if select.select([terminal], [], [], wait_s)[0]:
        try:
            output += os.read(terminal, 65536)
        except OSError:
            time.sleep(wait_s)


def until(what, judge):
    while not judge():
        if time.monotonic() > deadline:
            os.kill(child, signal.SIGKILL)
            sys.exit("waited too long for " + what + "; it said:\n" + output.decode(errors="replace"))
        read(0.02)


for step, *args in story:
    if step == "text":
        until(args[0], lambda: args[0].encode() in output)
    elif step == "file":
        until(args[0], lambda: os.path.exists(args[0]))
    elif step == "send":
        os.write(terminal, args[0].encode())
    elif step == "touch":
        open(args[0], "w").close()
    elif step == "signal":
        os.kill(child, signal.Signals[args[0]])
    elif step == "pause":
        end = time.monotonic() + args[0]
        until("a pause", lambda: time.monotonic() >= end)
    elif step == "close":
        os.close(terminal)
        is_open = False

ended = []


def is_over():
    pid, status = os.waitpid(child, os.WNOHANG)
    if pid != 0:
        ended.append(os.waitstatus_to_exitcode(status))
    return pid != 0


until("the end", is_over)
read(0.1)
print(json.dumps({"status": ended[0], "output": output.decode(errors="replace")}))
