"""The one error that a user can mend."""


class InputError(ValueError):
    """Bad input: one sentence that says what was expected, what came, where, and what to do.

    The command line prints it without a traceback and exits with status 1.
    """
