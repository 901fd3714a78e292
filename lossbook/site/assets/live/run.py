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

MOST = 100_000  # characters that a cell may print: a page holds no more with ease
OFTEN = 4_000  # characters, and
SOON = 0.1  # seconds, after which what was printed is sent

Send = Callable[[str, str], None]

NEEDS_A_KERNEL = frozenset({"IPython", "ipykernel", "ipywidgets", "matplotlib"})


class Printed(io.TextIOBase):
    """A stream of a cell: it gathers a little, and stops sending where a page would choke."""

    def __init__(self, kind: str, send: Send) -> None:
        self.kind, self.send = kind, send
        self.waiting: list[str] = []
        self.length = self.sent = self.left_out = 0
        self.last = monotonic()

    def writable(self) -> bool:
        """Return True."""
        return True

    def write(self, text: str) -> int:
        """Take a piece of text."""
        self.waiting.append(text)
        self.length += len(text)
        if self.length > OFTEN or monotonic() - self.last > SOON:
            self.flush()
        return len(text)

    def flush(self) -> None:
        """Send what waits, as far as there is room for it."""
        text = "".join(self.waiting)
        self.waiting.clear()
        self.length, self.last = 0, monotonic()
        shown = text[: MOST - self.sent]
        self.sent += len(shown)
        if shown:
            self.send(self.kind, shown)
        if self.sent == MOST:
            self.write = self._drop  # from here on, printing only counts
            self._drop(text[len(shown) :])

    def _drop(self, text: str) -> int:
        self.left_out += text.count("\n")
        return len(text)

    def close_with_a_word(self) -> None:
        """Send the rest, and say what was left out."""
        self.flush()
        if self.left_out:
            self.send("note", f"{self.left_out:,} more lines were printed, and are not shown.")


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
        self.module = ModuleType("__main__")
        self.module.__dict__.update(__builtins__=builtins, display=self.display)
        builtins.input = _asked
        sys.modules["__main__"] = self.module
        controls = ModuleType("ipywidgets")
        controls.__getattr__ = self._control
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
        streams = Printed("stdout", self.send), Printed("stderr", self.send)
        before = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = streams
        try:
            self._execute(source, name)
        except BaseException as error:
            for stream in streams:
                stream.flush()
            self._explain(error)
            return False
        finally:
            sys.stdout, sys.stderr = before
            for stream in streams:
                stream.close_with_a_word()
        return True

    def _execute(self, source: str, name: str) -> None:
        tree = ast.parse(source, name)
        last = None
        if tree.body and isinstance(tree.body[-1], ast.Expr) and not _is_silent(source):
            last = ast.Expression(tree.body.pop().value)
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
            for stream in (sys.stdout, sys.stderr):
                stream.flush()  # what was printed before stands before
            table = getattr(value, "_repr_html_", None)
            shown = table() if table and not isinstance(value, type) else None
            if getattr(value, "stays_on_the_page", False):
                self.send("kernel", repr(value))
            elif shown is not None:
                self.send("html", shown)
            else:
                self.send("result", repr(value))

    def _explain(self, error: BaseException) -> None:
        told = traceback.TracebackException.from_exception(error, compact=True)
        _only_cells(told)
        self.send("error", "".join(told.format()).rstrip())
        if isinstance(error, ModuleNotFoundError) and error.name:
            package = error.name.partition(".")[0]
            if package in NEEDS_A_KERNEL:
                self.send("kernel", f"What uses {_title(package)} needs a kernel.")
            elif package not in sys.stdlib_module_names:
                self.send(
                    "kernel",
                    f"The Python of this page has NumPy and lossbook, and no {package}: that needs "
                    "a kernel.",
                )
        elif isinstance(error, NameError):
            self.send(
                "note",
                "If a cell above defines this name, choose Restart and run this cell again: those "
                "above run before it.",
            )


def _title(package: str) -> str:
    return "Matplotlib" if package == "matplotlib" else package


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
