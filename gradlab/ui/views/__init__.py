"""What is shown of a finished result: each view from what it already holds."""
