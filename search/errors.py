"""What can go wrong with an index, for the people who run commands."""


class RebuildFailed(Exception):
    """The new index does not become equal to the documents; searches go on with the old one."""


class NothingToRollBackTo(Exception):
    """No index was kept from before the present one."""
