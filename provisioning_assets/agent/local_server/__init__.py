"""The local Conversational Analytics server: the public REST API (v1) over the demos of one store, on this machine
only.

``serving`` starts it, ``api`` routes requests, the other modules are what the routes do. How questions are understood
is not here but in ``agent.understanding``.
"""
