"""The one error class that is the user's to mend: shown without a stack trace, with what to do."""


class ProvisioningError(Exception):
    """Something a user can mend.

    Args:
        problem: what was given or found.
        remedy: what is accepted, or what to do next.
    """

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(f"{problem} {remedy}")
        self.problem = problem
        self.remedy = remedy

    def __reduce__(self) -> tuple[type["ProvisioningError"], tuple[str, str]]:
        """Both texts travel from a worker process; by itself an exception would bring only one."""
        return type(self), (self.problem, self.remedy)
