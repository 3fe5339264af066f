"""How texts and values are written so that Streamlit shows them as they are."""

import re


def psnr_text(psnr: float) -> str:
    """A PSNR in dB; ∞ where nothing changed."""
    return f"{psnr:.1f} dB" if psnr != float("inf") else "∞ (identical)"


def marked(text: str) -> str:
    """One of our sentences in plain text, in which `names` stand between backticks."""
    return "`".join(part if n % 2 else plain(part) for n, part in enumerate(text.split("`")))


def plain(text: str) -> str:
    """Text that Streamlit shows as it is: text from a link is neither our Markdown nor an address to click on."""
    return re.sub(r"([\\`*_\[\]()<>!:$~#|])", r"\\\1", text.replace("://", ":\u2060//"))
