"""Taking figures: repeated calls, percentiles, and the table they end in."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Figure:
    """One line of the table. ``goal`` is an upper bound unless it starts with ``>``; None where there is none yet."""

    name: str
    value: float
    unit: str
    goal: str | None = None
    peer: str | None = None
    detail: str = ""

    @property
    def met(self) -> bool | None:
        if self.goal is None:
            return None
        bound = float(self.goal.lstrip("<> ").split()[0])
        return self.value > bound if self.goal.startswith(">") else self.value < bound


def timed(call: Callable[[], Any]) -> float:
    """How long one call takes, in milliseconds."""
    started = time.perf_counter()
    call()
    return (time.perf_counter() - started) * 1000


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def latency(
    name: str,
    call: Callable[[], Any],
    *,
    times: int,
    warm_up: int = 5,
    goal: str | None = None,
    peer: str | None = None,
) -> Figure:
    """Median of repeated calls, with the 95th percentile as detail."""
    for _ in range(warm_up):
        call()
    taken = [timed(call) for _ in range(times)]
    return Figure(name, statistics.median(taken), "ms", goal, peer, f"p95 {percentile(taken, 0.95):.1f}, n={times}")


def show(figures: Sequence[Figure]) -> None:
    table = Table(title="Kontor, measured on this machine in one run", title_justify="left")
    for column, justify in [
        ("operation", "left"),
        ("ours", "right"),
        ("goal", "right"),
        ("", "left"),
        ("peer", "right"),
    ]:
        table.add_column(column, justify=justify)  # type: ignore[arg-type]
    table.add_column("detail")
    marks = {True: "met", False: "[red]missed[/]", None: ""}
    for figure in figures:
        value = f"{figure.value:,.1f} {figure.unit}"
        table.add_row(figure.name, value, figure.goal or "", marks[figure.met], figure.peer or "", figure.detail)
    Console(width=150).print(table)


def as_json(figures: Sequence[Figure]) -> list[dict[str, Any]]:
    return [asdict(figure) | {"met": figure.met} for figure in figures]
