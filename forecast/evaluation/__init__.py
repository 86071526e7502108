"""Honest scores: folds, walk-forward, metrics, significance, verdicts, and the look-ahead audit.

| module | what it holds |
|---|---|
| answers, outcomes | the table of every forecast; what each target asks, and the outcomes |
| folds, walk_forward, quantiles | who is asked when; the walk; quantiles from past errors |
| metrics, losses | figures of arrays in time order; the losses of each target |
| scores, direction, volatility | the score table of closes, of chances, of volatilities |
| pooled, trading | many tickers as one; what trading on the forecasts would have earned |
| significance, superiority, calibration | tests of two forecasters, of many, of intervals |
| bootstrap, evidence, correction | resampling; every test of a forecaster; all claims together |
| judge, verdict, missing | scores by target; the verdict; why a figure is missing |
| comparison, usable | what is refused: other targets, too few prices |
| audit | whether anything after a cutoff can move a forecast made at it |
| bleu | scores of translations |
"""
