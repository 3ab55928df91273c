"""The shell around vote/: hears gateways, keeps the record, publishes alerts, shows the console."""
