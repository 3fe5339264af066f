"""Data sets: the table, the embedded samples, the local store, and one function that loads from either."""

from gradlab.datasets.fetch import fetch
from gradlab.datasets.load import load_batch
from gradlab.datasets.status import dataset_status
from gradlab.datasets.store import store_fault, store_root
from gradlab.datasets.table import DATASETS, DatasetSpec, dataset_spec

__all__ = [
    "DATASETS",
    "DatasetSpec",
    "dataset_spec",
    "dataset_status",
    "fetch",
    "load_batch",
    "store_fault",
    "store_root",
]
