"""The whole system on one machine: broker, nodes, gateway, engine and console as children."""
