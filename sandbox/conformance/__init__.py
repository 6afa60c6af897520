"""Plays recorded conversations with real stores against the sandboxes and says what differs.

It compares; it never teaches a sandbox an answer.
"""
