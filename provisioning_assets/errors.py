"""The error class for problems that a user can fix. It is shown with a remedy and without a stack trace."""


class ProvisioningError(Exception):
    """A problem that a user can fix.

    Args:
        problem: what was given or found.
        remedy: what is accepted, or what to do next.
    """

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(f"{problem} {remedy}")
        self.problem = problem
        self.remedy = remedy

    def __reduce__(self) -> tuple[type["ProvisioningError"], tuple[str, str]]:
        """Pickle both texts, so that both arrive from a worker process. By default an exception pickles only one."""
        return type(self), (self.problem, self.remedy)
