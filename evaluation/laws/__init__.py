"""Tries laws of the trades on demos: ``make eval-laws``."""
