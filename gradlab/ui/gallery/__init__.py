"""The page *Gallery*: its parts, one file each."""
