"""Answers and scores become pictures, screens, pages and files.

| module | what it holds |
|---|---|
| run, lesson | everything about one run on prices; about one model of text or translator |
| folder, lesson_folder | their result folders: written, read back, drawn again |
| formats, sealed | tables and records as text; files that belong together, by their checksums |
| history, results, trials | dated runs; finding a result; every configuration that was tried |
| selection, pictures | one forecaster at one horizon; a module for each picture |
| screens | what the commands print, in words and as JSON |
| pages | HTML: a report, two runs compared, many tickers, prices to zoom into |
| wording, glossary, command | numbers and dates; each score in a sentence; how to repeat a run |
| notebook | progress in a notebook |
"""
