"""The prices of a ticker from the first source that has them, and why no better one was used."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from difflib import get_close_matches

from forecast.data import cache, known, samples, yahoo
from forecast.data.patience import Patience
from forecast.data.prices import Prices
from forecast.data.quotes import Quotes, extended, missing
from forecast.data.span import Span
from forecast.data.tickers import hint
from forecast.errors import OutputError, SourceError
from forecast.source_settings import SourceName

_OVERLAP = 5


@dataclass(frozen=True, slots=True)
class Lookup:
    """How the tickers of one run are looked up.

    `pulse` says why Yahoo cannot be reached, or nothing; `span` is what the run needs of each. The
    first note of every receipt says what was used, why, and its last session.
    """

    span: Span
    pulse: Callable[[], str]
    patience: Patience

    def prices(self, ticker: str, source: SourceName) -> Prices:
        """A ticker's whole history, from one source or, by `auto`, from the first that has it.

        Raises:
            SourceError: none has it.
            DataError: what a source has breaks the contract of prices.
        """
        if source == "sample":
            return _sample(ticker, "as asked", ())
        kept, notes = _kept(ticker)
        if source == "cache":
            return _copy(ticker, kept, "as asked", notes)
        if source == "yahoo":
            return self._yahoo(ticker, kept, notes)
        if kept and self._suffices(kept):
            return _copy(ticker, kept, "since it is fresh", notes)
        try:
            return self._yahoo(ticker, kept, notes)
        except SourceError as error:
            reason = str(error).partition(";")[0]
        return _without_yahoo(ticker, kept, reason, notes)

    def _suffices(self, kept: Quotes) -> bool:
        if self.span.end and kept.table.index[-1].date() >= self.span.end:
            return True
        return kept.fresh(self.patience.clock())

    def _yahoo(self, ticker: str, kept: Quotes | None, notes: tuple[str, ...]) -> Prices:
        if unreachable := self.pulse():
            raise SourceError(unreachable)
        quotes = self._updated(ticker, kept)
        try:
            cache.write(quotes)
        except OutputError as error:
            notes = tuple(dict.fromkeys((*notes, _sentence(error))))
        used = f"Prices of {ticker} are from Yahoo; their last session is {_last(quotes)}."
        return quotes.prices("yahoo", (used, *notes))

    def _updated(self, ticker: str, kept: Quotes | None) -> Quotes:
        """Yahoo's quotes: the last sessions behind `kept` where they fit, else the whole."""
        if kept is None:
            return yahoo.fetch(ticker, None, self.patience)
        began, since = time.monotonic(), kept.table.index[-_OVERLAP:][0].date()
        longer = extended(kept, yahoo.fetch(ticker, since, self.patience))
        if longer:
            return longer
        left = self.patience.total - (time.monotonic() - began)
        whole = yahoo.fetch(ticker, None, replace(self.patience, total=left))
        if (fewer := missing(kept, whole)) > 0:
            raise SourceError(
                f"Yahoo's answer for {ticker} lacks {fewer} sessions that the cached copy has; pass"
                f" --source cache, or drop the copy by 'forecast data clear {ticker}'"
            )
        note = (
            "Yahoo's past differs from the cached copy (a split, a dividend or a correction), so"
            " all of it was fetched again."
        )
        return replace(whole, notes=(note, *whole.notes))


def _without_yahoo(ticker: str, kept: Quotes | None, reason: str, notes: tuple[str, ...]) -> Prices:
    if kept:
        return _copy(ticker, kept, f"because {reason}", notes)
    if ticker in known.bundled():
        return _sample(ticker, f"because {reason}", notes)
    raise _absent(ticker, reason, notes)


def _kept(ticker: str) -> tuple[Quotes | None, tuple[str, ...]]:
    try:
        return cache.read(ticker), ()
    except OutputError as error:
        return None, (_sentence(error),)


def _copy(ticker: str, kept: Quotes | None, reason: str, notes: tuple[str, ...]) -> Prices:
    if kept is None:
        raise _absent(ticker, "there is no cached copy", notes)
    used = (
        f"The copy of {ticker} cached on {kept.fetched:%Y-%m-%d} is used, {reason}; its last"
        f" session is {_last(kept)}."
    )
    return kept.prices("cache", (used, *notes))


def _sample(ticker: str, reason: str, notes: tuple[str, ...]) -> Prices:
    if ticker not in known.bundled():
        raise _absent(ticker, "there is no bundled sample of it", notes)
    prices = samples.load(ticker)
    receipt = prices.receipt
    used = f"The bundled sample of {ticker} is used, {reason}; its last session is {receipt.last}."
    return replace(prices, receipt=replace(receipt, notes=(used, *notes, *receipt.notes)))


def _absent(ticker: str, reason: str, notes: tuple[str, ...]) -> SourceError:
    bundled = known.bundled()
    meant = hint(ticker) or ", ".join(get_close_matches(ticker, bundled, 3))
    guess = f"; did you mean {meant}?" if meant else ""
    guess = "; pass --source sample" if ticker in bundled else guess
    said = "".join(f" {note}" for note in notes)
    return SourceError(
        f"no prices for {ticker}: {reason}; bundled samples are {', '.join(bundled)}{guess}{said}"
    )


def _last(quotes: Quotes) -> str:
    return f"{quotes.table.index[-1]:%Y-%m-%d}"


def _sentence(error: Exception) -> str:
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}."
