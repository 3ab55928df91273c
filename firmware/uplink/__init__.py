"""The line to the broker: MQTT, what waits to be sent, which broker is called and when."""
