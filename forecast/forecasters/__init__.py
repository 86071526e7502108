"""Everything that can be fitted on histories and then asked for forecasts."""
