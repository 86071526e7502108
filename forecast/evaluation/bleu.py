"""BLEU and chrF of translations, by sacrebleu, so that figures compare with published ones.

It is an extra: `pip install 'forecast[text]'`.
"""

from collections.abc import Sequence
from typing import NamedTuple

from forecast.errors import DataError, SettingError
from forecast.extras import extra


class Bleu(NamedTuple):
    """Both from 0 to 100; the signature says how BLEU was computed."""

    bleu: float
    chrf: float
    signature: str


def bleu(translations: Sequence[str], references: Sequence[str], tokenize: str = "13a") -> Bleu:
    """BLEU (Papineni et al. 2002) and chrF (Popovic 2015) of a whole corpus, one reference each.

    `tokenize` is sacrebleu's: 13a for most languages, none for text that is cut into tokens
    already, ko-mecab, ja-mecab, zh, char.

    Raises:
        SettingError: sacrebleu is not installed, or does not know how to tokenize so.
        DataError: not one reference for each translation, or none at all.
    """
    if not references or len(translations) != len(references):
        raise DataError(
            f"BLEU needs one reference for each translation, and at least one; got"
            f" {len(translations)} translations, {len(references)} references"
        )
    library = extra(
        "sacrebleu",
        "BLEU needs the library sacrebleu; install it with: pip install 'forecast[text]'",
    )
    try:
        metric = library.metrics.BLEU(tokenize=tokenize, force=True)
        told = metric.corpus_score(list(translations), [list(references)])
    except (LookupError, ValueError, RuntimeError, ImportError) as error:
        reason = " ".join(str(error).split())[:120]
        raise SettingError(f"tokenize {tokenize!r} cannot be had: {reason}") from error
    chrf = library.metrics.CHRF().corpus_score(list(translations), [list(references)])
    return Bleu(float(told.score), float(chrf.score), str(metric.get_signature()))
