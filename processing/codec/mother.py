"""A small process that imports the codec once, and forks a child for each line that the worker sends it.

It ends when the worker does, however that ends, and its children end with it. A child whose line the worker hangs up is
killed; when one ends by itself, its mother says on its line how.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import select
import signal
import socket
import sys
from typing import Final, NoReturn, cast

from processing.codec import child, wire

MOST_LINES: Final = 16
"""So many are taken at once from those that wait."""


class Mother:
    """Of the children. Reads no image and answers nothing, so that nothing can make her fall."""

    def __init__(self, control: socket.socket, engine: child.Engine) -> None:
        self._control = control
        self._engine = engine
        self._pid = os.getpid()
        self._children: dict[int, socket.socket] = {}
        self._woken, self._waker = socket.socketpair()
        self._poll = select.poll()

    def run(self) -> None:
        """Until the worker ends."""
        self._waker.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._waker.fileno())
        self._poll.register(self._control, select.POLLIN)
        self._poll.register(self._woken, select.POLLIN)
        is_wanted = True
        while is_wanted:
            ready = {fd for fd, _ in self._poll.poll()}
            self._kill_abandoned(ready)
            if self._woken.fileno() in ready:
                self._bury()
            if self._control.fileno() in ready:
                is_wanted = self._bear()
        signal.set_wakeup_fd(-1)
        for pid in self._children:
            os.kill(pid, signal.SIGKILL)

    def _bear(self) -> bool:
        message, lines, _, _ = socket.recv_fds(self._control, MOST_LINES, MOST_LINES)
        for descriptor in lines:
            line = socket.socket(fileno=descriptor)
            try:
                self._fork(line)
            except OSError:  # there are too many processes
                line.close()
        return bool(message)

    def _fork(self, line: socket.socket) -> None:
        pid = os.fork()
        if not pid:
            self._grow_up(line)
        self._children[pid] = line
        self._poll.register(line, 0)  # which is: tell me when it is hung up

    def _grow_up(self, line: socket.socket) -> NoReturn:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for inherited in (self._control, self._woken, self._waker, *self._children.values()):
            inherited.close()
        child.live(line, self._engine, self._pid)

    def _kill_abandoned(self, ready: set[int]) -> None:
        for pid, line in self._children.items():
            if line.fileno() in ready:
                self._poll.unregister(line)
                os.kill(pid, signal.SIGKILL)

    def _bury(self) -> None:
        self._woken.recv(wire.MOST_BYTES)
        while self._children:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            with self._children.pop(pid) as line:
                with contextlib.suppress(KeyError):
                    self._poll.unregister(line)
                with contextlib.suppress(OSError):  # nobody listens any more
                    line.send(wire.Line(status=os.waitstatus_to_exitcode(status)).encoded())


def main(control: socket.socket, engine: child.Engine) -> None:
    """Serves the worker at the other end of `control`, after having told it what images go through."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # the worker decides when to end
        signal.signal(number, signal.SIG_IGN)
    try:
        control.send(engine.prepare().encode())
    except BrokenPipeError:  # the worker has died meanwhile
        return
    gc.collect()
    gc.freeze()  # what is never looked at by the collector stays shared with the children
    Mother(control, engine).run()


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])), cast("child.Engine", importlib.import_module(sys.argv[2])))
