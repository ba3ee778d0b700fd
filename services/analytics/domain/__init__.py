"""What analytics knows without a database, a network or a clock: classes, claims, stretches, days, mixes.

Statements give claims, claims give stretches, stretches give days (MIX.md 1). Everything here is a pure function
of its arguments: the consumer, a replay and a console command call the same code and get the same answer.
"""
