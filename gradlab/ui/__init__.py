"""The dashboard. Streamlit lives here and in `dashboard.py`, nowhere else."""
