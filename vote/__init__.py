"""The network's judgement: which triggers are one earthquake, where, how large, who must be told.

Pure, like groundswell: time is an argument, nothing is opened. NumPy is allowed here.
"""
