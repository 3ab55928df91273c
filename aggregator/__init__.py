"""The shell around vote/: hears gateways, publishes alerts, keeps the record, shows it all."""
