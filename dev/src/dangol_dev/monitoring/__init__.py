"""Where the chart's alert rules and dashboards are written: `python -m dangol_dev.monitoring`."""
