"""The one kind of exception that a person can mend: every room's own faults are a Fault."""


class Fault(Exception):
    """Says in Chinese what is wrong, where, and what to do next. The door prints it as one line, exit code 1."""
