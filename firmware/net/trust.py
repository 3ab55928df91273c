"""The one error of TLS that a person must mend."""


class TrustError(OSError):
    """Who answers is not our broker, or does not take us for one of its nodes."""
