"""From a history to the arrays a model reads.

| module | what it holds |
|---|---|
| readings, inputs, variance_inputs | what a model reads, by target: of closes, of volatility |
| windows, scaling, variance | windows and their answers; MinMax; variances of sessions and HAR |
| covariates, indicators, calendars, alongside | columns beside the prices: all, and each kind |
| gathering | prices of everything that is named, with other tickers alongside |
| vocabulary, words, byte_pairs, sentences | texts as tokens, and pairs of sentences as numbers |
"""
