"""The script Streamlit runs.

It lies here and not in `ui/` because Streamlit takes a folder `pages/` beside the main script for a list of
scripts of its own: the first session after a start, or a tab that reconnects, would then run a page's module
alone and show nothing. The configuration that holds is `.streamlit/config.toml` beside this file.
"""

from __future__ import annotations

from workbench.ui.app import main

main()
