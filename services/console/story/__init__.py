"""The story of the demo: one month of a hospital that makes its care more customer-minded, as xAPI statements.

Pure: the month, the time zone and the seed come in, statements come out, the same ones every time. Everything and
everyone in it is made up.
"""
