"""The page *Paper*: its parts, one file each."""
