"""CSV files of daily prices, as any site exports them."""

from forecast.data.csv.reader import read

__all__ = ["read"]
