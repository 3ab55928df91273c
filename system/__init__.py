"""The whole system on one machine: broker, virtual nodes, gateway, engine and console as children."""
