"""What an exercise is: a reference answer, inputs to compare at, and the usual mistakes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from lossbook.losses import Loss


@dataclass(frozen=True, eq=False)
class Satisfying:
    """In place of a reference where there is more than one right answer.

    Parameters
    ----------
    test : callable
        ``test(answer)`` says whether an answer is right; what it raises counts as wrong.
    example : object
        One right answer (in a mistake: one answer that makes the mistake).
    among : sequence of tuples
        What a page, which cannot run the test, can judge: for each number of an answer the lowest,
        the highest and the step between. All combinations are tried when the page is made.
    """

    test: Callable[[Any], bool]
    example: Any
    among: Sequence[tuple[float, float, float]] = ()


@dataclass(frozen=True, eq=False)
class Mistake:
    """A wrong answer that readers give, and the hint for it.

    Parameters
    ----------
    answer : object
        As the exercise's answer, but wrong; ``...`` for parts that the mistake leaves alone. A
        reader's answer makes the mistake if it agrees with this one wherever this one differs
        from the right one.
    hint : str
        What the reader is told: what to look at, not what to write.
    """

    answer: Any
    hint: str


@dataclass(frozen=True, eq=False, kw_only=True)
class Exercise:
    """An exercise whose answer can be checked.

    Parameters
    ----------
    name : str
        ``"ch<chapter>-<word>"``; the notebook's ``{exercise}`` has the label ``ex-<name>``.
    wanted : str
        What an answer is, as a phrase: "a loss made with @loss, or a pair of functions (value,
        gradient)".
    answer : object
        The reference: a number, an array, a word, a function, a loss, a `Satisfying`, or a tuple
        of these, one for each part. A loss stands for its value and its gradients.
    parts : sequence of str
        What the parts are called in messages, where `answer` is a tuple. Where they are called
        "value" and "gradient", the answer may also be a loss.
    inputs : sequence
        The arguments at which functions are compared: arrays with one axis of examples, of which
        a function takes one or all (``elementwise``); else a list of argument tuples, each of
        which makes one call.
    parameters : sequence of mappings
        Keyword arguments; functions are compared with each of them.
    elementwise : bool
        Whether functions give one value (or row) for each example.
    options : sequence of str
        The words to choose from, where the answer is a word.
    up_to : sequence of str
        What does not count: ``"constant"`` (an added one, in the first part), ``"scale"`` (a
        positive factor, the same in all parts).
    tolerance : float
        How far off an answer may be, relative to its size (for numbers below 1: absolute).
    mistakes : sequence of Mistake
        The usual ones; the first that fits gives the hint.
    remark : str
        A sentence worth knowing, said when the answer is right.
    arguments : sequence of str
        What a hint calls the arguments of a function, in their order.
    """

    name: str
    wanted: str
    answer: Any
    parts: Sequence[str] = ()
    inputs: Sequence[Any] = ()
    parameters: Sequence[Mapping[str, Any]] = ({},)
    elementwise: bool = True
    options: Sequence[str] = ()
    up_to: Sequence[str] = ()
    tolerance: float = 1e-6
    mistakes: Sequence[Mistake] = ()
    remark: str = ""
    arguments: Sequence[str] = field(default=("y_true", "y_pred"))

    @property
    def is_loss(self) -> bool:
        """Whether the answer is a loss, that is, a value and the gradients that belong to it."""
        if isinstance(self.answer, Loss):
            return True
        return self.part_names[0] == "value" and all(
            name.startswith("gradient") for name in self.part_names[1:]
        )

    @cached_property
    def part_names(self) -> tuple[str, ...]:
        """What the parts are called; one empty name where there is only one."""
        if isinstance(self.answer, Loss):
            predictions = self.answer.predictions
            if len(predictions) == 1:
                return "value", "gradient"
            return "value", *(f"gradient with respect to {name}" for name in predictions)
        if not isinstance(self.answer, tuple):
            return ("",)
        if len(self.parts) != len(self.answer):
            raise ValueError(
                f"{self.name}: parts must name the {len(self.answer)} parts of the answer: "
                f"got {list(self.parts)}"
            )
        return tuple(self.parts)
