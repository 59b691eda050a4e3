"""From a company's website address to a rehearsed Conversational Analytics demo.

The rooms, in the order a demo passes through them: ``customers`` (the request), ``research``, ``planning``,
``synthesis``, ``quality``, ``warehouse``, ``golden``, ``agent``, ``content``, ``lifecycle``. ``definitions`` is what
Dagster loads, ``cli`` what a terminal does.
"""
