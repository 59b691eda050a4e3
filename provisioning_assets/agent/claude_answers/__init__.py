"""Answers questions that no verified query answers with a query that Claude writes.

``published_context`` is what Claude is told, ``written_query`` what it hands in, ``query_checks`` what its query must keep to,
``sentences`` what its sentence must keep to, ``answering`` the way from question to answer, and ``questions_to_claude`` who asks
for which demo and how much.
"""
