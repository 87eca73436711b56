"""How passwords are stored."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class BoundedArgon2Hasher(Argon2PasswordHasher):
    """argon2id with the parameters of OWASP ASVS 5.0: 19 MiB, two passes, one lane.

    Django's own figures (100 MiB, eight lanes) let three log-ins a second fill a small machine.
    """

    time_cost = 2
    memory_cost = 19_456
    parallelism = 1
