"""Answers questions from a data agent's context, without a language model.

A question becomes either one of the context's verified queries (``verified``), or a query built from the declared
schema (``reading`` and ``sql_building``), or a polite refusal that names the words that were not understood
(``answering``). This package does not use HTTP. The context is read once into a ``catalog``.
"""
