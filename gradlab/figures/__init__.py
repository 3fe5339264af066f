"""Numpy in, figures out: plotly for curves and bars, pictures for pixels. No torch, no streamlit."""
