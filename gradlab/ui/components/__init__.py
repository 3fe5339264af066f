"""Parts of pages that Streamlit doesn't have."""
