"""Doing things at the same moment."""

import threading
from collections.abc import Callable, Sequence
from typing import Any

from kontor_launcher.story.api import Problem


def simultaneously(*works: Callable[[], Any]) -> list[Any]:
    """Start all at once; each one's answer, or the `Problem` it was refused with. Other exceptions are raised."""
    barrier = threading.Barrier(len(works))
    answers: list[Any] = [None] * len(works)

    def run(index: int, work: Callable[[], Any]) -> None:
        barrier.wait()
        try:
            answers[index] = work()
        except BaseException as error:
            answers[index] = error

    threads = [threading.Thread(target=run, args=(index, work)) for index, work in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for answer in answers:
        if isinstance(answer, BaseException) and not isinstance(answer, Problem):
            raise answer
    return answers


def refused(answers: Sequence[Any]) -> list[tuple[int, str]]:
    """Status and code of those that were refused."""
    return [(answer.status, answer.code) for answer in answers if isinstance(answer, Problem)]
