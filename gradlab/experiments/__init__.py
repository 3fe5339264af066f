"""What can be computed with a network and images: one file, or one folder, an experiment."""
