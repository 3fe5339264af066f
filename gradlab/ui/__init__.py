"""The dashboard. Streamlit lives here and in `dashboard.py`, nowhere else."""

# Streamlit imports these two when the first table is drawn. plotly uses whatever it finds of them in `sys.modules`: a
# second visitor's figure, drawn while they are half imported, would fail.
import pandas
import pyarrow
