"""UCP 2026-04-08: requests decoded into our words, and our words written as it wants them.

Pure functions. Another version stands beside this folder and shares all that is outside it.
"""

VERSION = "2026-04-08"
