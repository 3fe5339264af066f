"""The page *See it?*: its parts, one file each."""
