"""How services reach a broker: paho-mqtt as we use it, in one place."""
