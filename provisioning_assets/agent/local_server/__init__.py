"""The local Conversational Analytics server: the public REST API (v1) for the demos of one store, on this machine only.

``serving`` starts it, ``api`` routes requests, and the other modules implement the routes. Questions are interpreted in
``agent.understanding``, not here.
"""
