"""Gives a fresh sandbox the records that a recorded case starts from, as far as the case's own answers show them.

It plants only what was there before; what the case's own requests make is left for the sandbox to make.
"""
