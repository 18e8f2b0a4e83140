"""The console of tables that move.

``page`` what can be asked of it · ``lines`` its Vars · ``words`` a group in words · ``steps`` what
stands beside each step · ``buttons`` which of them a group has · ``questions`` what is asked before
one · ``times`` ages and sizes.
"""

from ecosystem.state.ops.migration.page import EVERY_SECONDS, PATH, OpsMigrationState

__all__ = ["EVERY_SECONDS", "PATH", "OpsMigrationState"]
