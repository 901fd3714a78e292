"""The Python side of a page: run a cell, and send what it prints, returns and raises, in order."""

from __future__ import annotations

import ast
import builtins
import io
import linecache
import sys
import traceback
from collections.abc import Callable
from time import monotonic
from types import ModuleType
from typing import Any

MOST = 100_000  # characters that a cell may show: a page holds no more with ease
PIECE = 20  # characters that each piece counts for, beside its own
OFTEN = 4_000  # characters, and
SOON = 0.1  # seconds, after which what was printed is sent

Send = Callable[[str, str], None]


class Output:
    """What one cell shows, in order, and as much of it as a page can hold."""

    def __init__(self, send: Send) -> None:
        self.send = send
        self.room = MOST
        self.left_out = 0
        self.kind, self.waiting = "stdout", list[str]()
        self.length, self.last = 0, monotonic()
        self.streams = Stream("stdout", self), Stream("stderr", self)

    def print(self, kind: str, text: str) -> None:
        """Take what was written to a stream; a little is gathered before it is sent."""
        if kind != self.kind:
            self.flush()
            self.kind = kind
        self.waiting.append(text)
        self.length += len(text)
        if self.length > OFTEN or monotonic() - self.last > SOON:
            self.flush()

    def flush(self) -> None:
        """Send what waits."""
        text = "".join(self.waiting)
        self.waiting.clear()
        self.length, self.last = 0, monotonic()
        if text:
            self._send_part(self.kind, text)

    def show(self, kind: str, text: str) -> None:
        """Show a piece, below what was printed before."""
        self.flush()
        self._send_part(kind, text)

    def _send_part(self, kind: str, text: str) -> None:
        shown = text[: max(self.room, 0)]
        if kind == "html" and shown != text:
            shown = ""  # half a table is none
        self.room -= len(text) + PIECE
        self.left_out += len(text) - len(shown)
        if shown:
            self.send(kind, shown)
        if self.room <= 0:
            for stream in self.streams:
                stream.write = self._drop  # type: ignore[method-assign]  # counted, and fast

    def _drop(self, text: str) -> int:
        self.left_out += len(text)
        return len(text)

    def close(self) -> None:
        """Send the rest, and say what was left out."""
        self.flush()
        if self.left_out:
            self.send("note", f"The rest is not shown: {self.left_out:,} more characters.")


class Stream(io.TextIOBase):
    """The standard output or error of a cell."""

    def __init__(self, kind: str, output: Output) -> None:
        self.kind, self.output = kind, output

    def writable(self) -> bool:
        """Return True."""
        return True

    def write(self, text: str) -> int:
        """Write a text."""
        self.output.print(self.kind, text)
        return len(text)

    def flush(self) -> None:
        """Send what waits."""
        self.output.flush()


class Control:
    """Stands for a control of ipywidgets, which the figure on the page has already."""

    def __init__(self, *_: Any, **__: Any) -> None:
        pass

    def __repr__(self) -> str:
        return "A control of ipywidgets needs a kernel."


def _asked(prompt: object = "", /) -> str:
    raise RuntimeError(
        f"input({prompt!r}) cannot wait for an answer in a page: write the value into the cell"
    )


class Session:
    """What the cells of a page share.

    Parameters
    ----------
    send : callable
        ``send(kind, text)`` with a kind of ``stdout``, ``stderr``, ``result``, ``html``, ``note``,
        ``kernel`` (a note that links to where there is one) or ``error``.
    """

    def __init__(self, send: Send) -> None:
        self.send = send
        self.output = Output(send)
        self.module = ModuleType("__main__")
        self.module.__dict__.update(__builtins__=builtins, display=self.display)
        builtins.input = _asked
        sys.modules["__main__"] = self.module
        controls = ModuleType("ipywidgets")
        vars(controls)["__getattr__"] = self._control
        sys.modules["ipywidgets"] = controls

    @staticmethod
    def _control(name: str) -> type[Control]:
        if name.startswith("_"):
            raise AttributeError(name)
        return Control

    def run(self, source: str, number: int) -> bool:
        """Run one cell, and return whether it ended well."""
        name = f"cell {number}"
        # For tracebacks, and for whoever asks for the source of a function.
        linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
        output = self.output = Output(self.send)
        before = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = output.streams
        try:
            self._execute(source, name)
        except BaseException as error:
            output.close()
            self._explain(error)
            return False
        finally:
            sys.stdout, sys.stderr = before
        output.close()
        return True

    def _execute(self, source: str, name: str) -> None:
        tree = ast.parse(source, name)
        last = None
        if tree.body and not _is_silent(source):
            statement = tree.body[-1]
            if isinstance(statement, ast.Expr):
                tree.body.pop()
                last = ast.Expression(statement.value)
        space = self.module.__dict__
        exec(compile(tree, name, "exec"), space)
        if last is not None:
            value = eval(compile(last, name, "eval"), space)
            if value is not None:
                space["_"] = value
                self.display(value)

    def display(self, *values: Any) -> None:
        """Show values, as a notebook does."""
        for value in values:
            table = getattr(value, "_repr_html_", None)
            shown = table() if table and not isinstance(value, type) else None
            if getattr(value, "stays_on_the_page", False):
                self.output.show("kernel", repr(value))
            elif shown is not None:
                self.output.show("html", shown)
            else:
                self.output.show("result", repr(value))

    def _explain(self, error: BaseException) -> None:
        told = traceback.TracebackException.from_exception(error, compact=True)
        _only_cells(told)
        self.send("error", "".join(told.format()).rstrip()[:MOST])
        package = str(getattr(error, "name", None)).partition(".")[0]
        if isinstance(error, ModuleNotFoundError) and not sys.modules.get(package):
            self.send(
                "kernel",
                f"The Python of this page has NumPy and lossbook, and no {package}: that needs a "
                "kernel where it is installed.",
            )
        elif isinstance(error, NameError):
            self.send(
                "note",
                "If a cell above defines this name, choose Restart and run this cell again: those "
                "above run before it. One that you have changed can be put back.",
            )


def _is_silent(source: str) -> bool:
    # As in IPython: a semicolon at the end keeps the value from being shown.
    code = source.rstrip().rpartition("\n")[2].partition("#")[0]
    return code.rstrip().endswith(";")


def _only_cells(told: traceback.TracebackException) -> None:
    """Leave the reader's own lines: what libraries do inside is not hers to mend."""
    own = [frame for frame in told.stack if frame.filename.startswith("cell ")]
    told.stack[:] = own
    for other in (told.__cause__, told.__context__, *(told.exceptions or ())):
        if other:
            _only_cells(other)
