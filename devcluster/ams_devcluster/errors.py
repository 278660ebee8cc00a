"""The one exception that this package raises on purpose."""


class DevclusterError(Exception):
    """Something that a person can cure; the message says how."""
