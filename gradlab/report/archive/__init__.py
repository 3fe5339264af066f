"""A result as a file, and back without loss: numpy's compressed .npz, no pickle in it."""

from gradlab.report.archive.files import dumps, load_result, loads, save_result

__all__ = ["dumps", "load_result", "loads", "save_result"]
