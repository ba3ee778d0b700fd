"""The person's own voice: what somebody says about the own learning, laid over what statements say (issue 4, item 7).

A correction marks one statement, an addition is a fact of its own, a pause is a time of which nothing is derived. All
are marks beside the statements, so that a replay finds them again and derives the same.
"""
