"""What runs long: one file for each thing that a person waits for, and `job`, which says what they have in common."""
