"""The pure part of recommend: the catalogue, the choice of one entry, and the life of a suggestion.

No I/O, no clock, no randomness: texts, times and draws are arguments.
"""
