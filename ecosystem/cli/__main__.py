"""``python -m ecosystem.cli``: the command, run by the interpreter that runs already."""

import sys

from ecosystem.cli import main

sys.exit(main())
