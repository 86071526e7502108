"""An audit in words and as JSON values."""

from collections.abc import Sequence
from textwrap import wrap
from typing import Any

from forecast.evaluation.audit.findings import Report
from forecast.reporting.screens import WIDTH
from forecast.reporting.wording import day, plain


def screen(report: Report) -> str:
    """A heading, each check with its finding, and the outcome."""
    lines = [
        f"{plain(report.name, 30)} on {plain(report.ticker or 'a table', 30)}:"
        f" {report.rows:,} sessions, {day(report.first)} to {day(report.last)},"
        f" {report.cutoffs} cutoffs"
    ]
    for each in report.findings:
        head = f"{each.outcome:<8}{each.check:<13}"
        lines += wrap(
            plain(each.sentence, 600), WIDTH, initial_indent=head, subsequent_indent=" " * len(head)
        )
    failed = ", ".join(each.check for each in report.failures)
    lines.append(f"Failed: {failed}" if failed else "No look-ahead found")
    return "\n".join(lines)


def as_json(reports: Sequence[Report]) -> dict[str, Any]:
    """All audits of a run; dates as YYYY-MM-DD, null where there is none."""
    return {
        "passed": all(report.passed for report in reports),
        "audits": [_audit(report) for report in reports],
    }


def _audit(report: Report) -> dict[str, Any]:
    return {
        "name": report.name,
        "ticker": report.ticker,
        "passed": report.passed,
        "first": day(report.first),
        "last": day(report.last),
        "rows": report.rows,
        "cutoffs": report.cutoffs,
        "findings": [
            {
                "check": each.check,
                "outcome": each.outcome,
                "sentence": each.sentence,
                "suspicion": each.suspicion or None,
                **{
                    name: day(date) if (date := getattr(each, name)) is not None else None
                    for name in ("cutoff", "first_row", "last_row")
                },
            }
            for each in report.findings
        ],
    }
