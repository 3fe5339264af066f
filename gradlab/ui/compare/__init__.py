"""The page *Compare*: its parts, one file each."""
