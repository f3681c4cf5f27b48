from dataclasses import dataclass, field


@dataclass(frozen=True)
class Order:
    """One order of a customer."""

    lines: list[tuple[str, int]] = field(default_factory=list)

    def total(self, tax: float = 0.19) -> float:
        subtotal = sum(price for _, price in self.lines)
        return round(subtotal * (1 + tax), 2)  # cents


async def collect(queue, limit=100):
    while (item := await queue.get()) is not None:
        yield f"{item!r} of {limit}"
