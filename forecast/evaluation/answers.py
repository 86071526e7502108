"""The answers table: one long table of every forecast made, its columns fixed.

| column | meaning |
|---|---|
| ticker, forecaster | whose price, whose forecast |
| cutoff | last session that the forecaster had seen |
| date | session that was asked for |
| horizon | sessions from cutoff to date; 1 is the next |
| last | close at the cutoff |
| actual | close at the date; NaN while unknown |
| forecast | close that was forecast |
| q025 q10 q90 q975 | quantiles of the forecast: the ends of the 95 % and 80 % intervals |
"""

KEYS = ("ticker", "forecaster", "cutoff", "date", "horizon")
PRICES = ("last", "actual", "forecast")
QUANTILES = {"q025": 0.025, "q10": 0.1, "q90": 0.9, "q975": 0.975}
COLUMNS = (*KEYS, *PRICES, *QUANTILES)
COVERAGES = {0.8: ("q10", "q90"), 0.95: ("q025", "q975")}
