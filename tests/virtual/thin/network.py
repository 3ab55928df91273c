"""A network that is there."""

STA_IF = 0


class WLAN:
    def __init__(self, kind):
        pass

    def active(self, is_on):
        pass

    def connect(self, ssid, key):
        pass

    def disconnect(self):
        pass

    def isconnected(self):
        return True

    def ifconfig(self):
        return ("10.0.0.2", "255.255.255.0", "10.0.0.1", "10.0.0.1")

    def status(self, what):
        return -60
