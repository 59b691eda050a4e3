"""Reads a website: its address becomes pages, structured data and brand."""
