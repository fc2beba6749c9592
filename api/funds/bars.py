"""What became of a dealer's fund, as the parts of a bar: places and widths in percent of the largest fund."""

from dataclasses import dataclass

from planning.funds.ledger import Bucket

PARTS = ("settled", "reserved", "available", "expired")


@dataclass(frozen=True, slots=True)
class Part:
    name: str
    x: float
    width: float


def bar(total: Bucket, largest: int) -> list[Part]:
    """From what is settled to what expired; nothing where nothing was earned."""
    parts, x = [], 0.0
    for name in PARTS:
        width = round(100 * getattr(total, name) / largest, 3) if largest else 0.0
        if width:
            parts.append(Part(name, round(x, 3), width))
            x += width
    return parts
