"""Minutes: a pure function of a set of statements (MIX.md 1). Facts give claims, claims stretches, stretches days.

The consumer, a replay and the console call this same code. Time is integer microseconds since 1970 UTC until JSON;
there is no clock here, and no order of arrival.
"""
