"""What reproduces what a page shows: a short script against the public API, and a line for the shell; one file a page.

Which images a result rests on is read off it. A draw is nested, so a sweep that was stopped after 300 of its 2,000
images is the whole sweep of a draw of 300. What was neither drawn nor is the whole split is named image by image.
"""

from gradlab.report.scripts.compare import compare_code, transfer_code
from gradlab.report.scripts.gallery import gallery_code, walk_code
from gradlab.report.scripts.one_image import explore_code, landscape_code
from gradlab.report.scripts.parts import limit_of
from gradlab.report.scripts.seen import seen_code
from gradlab.report.scripts.sweep import sweep_code, sweep_command
