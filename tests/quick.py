"""Settings of the server that browsers meet: the platform's own, but quick with passwords."""

from django.contrib.auth.hashers import PBKDF2PasswordHasher

from ioc.settings import *  # noqa: F403

PBKDF2PasswordHasher.iterations = 1
