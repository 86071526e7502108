"""Prices at a glance: their source, what is odd about them, the first and last rows."""

from collections.abc import Sequence

from forecast.data.prices import Prices
from forecast.reporting.wording import day, origin, plain, price

ENDS = 3


def screen(prices: Prices, findings: Sequence[str]) -> str:
    """The receipt, each finding, and the first and last rows as a small table."""
    receipt, table = prices.receipt, prices.table
    rows = table if len(table) <= 2 * ENDS else table.iloc[[*range(ENDS), *range(-ENDS, 0)]]
    cells = [["date", *map(str, table.columns)]]
    for date, row in zip(rows.index, rows.to_numpy(), strict=True):
        cells.append([day(date), *(price(float(value)) for value in row)])
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [plain(prices.ticker, 30), origin(receipt), f"SHA-256 {receipt.sha256}"]
    lines += [f"fetched {receipt.fetched}"] if receipt.fetched else []
    lines += [plain(f"Note: {note}", 400) for note in receipt.notes]
    told = " ".join(receipt.notes).casefold()
    new = [finding for finding in findings if finding.casefold() not in told]
    lines += [plain(f"Odd: {finding}", 400) for finding in new]
    lines += [] if findings else ["Nothing odd was found."]
    lines += [""]
    for at, row in enumerate(cells):
        lines += ["..."] if at == ENDS + 1 and len(rows) < len(table) else []
        lines.append("  ".join(f"{cell:>{width}}" for cell, width in zip(row, widths, strict=True)))
    return "\n".join(lines) + "\n"
