"""Images: the table of data sets, the embedded samples, the local store, and one function that loads from either.

What is known of the splits (`splits`) is numpy only: nothing is imported here, so that reports load no torch.
"""
