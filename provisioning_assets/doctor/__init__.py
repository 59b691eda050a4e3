"""Checks, before a long run, what this process needs: this machine, and for the target ``gcp`` Google Cloud."""
