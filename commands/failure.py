"""The one way in which a command says that it cannot do what was asked."""


class Failure(Exception):
    """One clear line for the person at the keyboard: what is wrong, and what to do. Exit code 2."""
