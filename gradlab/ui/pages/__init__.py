"""One file a page, each a script that Streamlit runs; thin."""
