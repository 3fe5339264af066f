"""People who look: the blind test, what they answer, and what it says."""
