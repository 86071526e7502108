"""Prices in: their contract, files, Yahoo, the cache, bundled samples; and texts.

| module | what it holds |
|---|---|
| prices | the contract: one validated table, and its receipt |
| load, panel | the prices of a ticker or file; of many, of folders and long tables |
| names, tickers, span | whether a name means a file; what a ticker is; the part asked for |
| csv, long_table | a file of one ticker; a table of many |
| long_file, long_dates | the columns and lines of such a table; when its rows were |
| lookup | a ticker from the cache, from Yahoo, or from the samples |
| cache, database | quotes kept between runs; the SQLite file they are in |
| yahoo, chart, quotes, patience | asking Yahoo; its answer; adjustments; when to give up |
| samples, known | bundled prices; names of what is bundled or kept |
| sessions, holidays, quality | dates of sessions; scheduled holidays; what is odd about prices |
| synthetic | series whose best forecast is known |
| frames, files | tables of other libraries; files written whole |
| foreign, faults | bytes from outside, as text; what is wrong with a file, where, in one line |
| corpus, pairs | the text of a file; sentences with their translations |
"""
