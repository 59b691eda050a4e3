"""Makes a rehearsed Conversational Analytics demo from a company's website address.

The packages, in the order a demo passes through them: ``customers`` (the request), ``research``, ``planning``,
``synthesis``, ``quality``, ``warehouse``, ``golden``, ``agent``, ``content``, ``lifecycle``. Dagster loads
``definitions``; ``cli`` is the command line.
"""
