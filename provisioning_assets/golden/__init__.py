"""Turns the plan's questions into golden queries: executes them, draws their charts and proves the insights."""
