"""Lines to the world that never block: Wi-Fi, names, TCP, UDP, TLS."""
