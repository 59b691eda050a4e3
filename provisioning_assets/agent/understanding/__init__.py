"""Answering questions over a data agent's context without a model.

A question becomes either one of the context's verified queries (``verified``), or a query built from the declared
schema (``reading`` and ``sql_building``), or a polite refusal that names the words that were not understood
(``answering``). Nothing here knows HTTP; the context is read once into a ``catalog``.
"""
