"""`python -m ioc.ops.command NAME …`: a Django command without the system checks.

They would load every page and address of the platform into each part, at each start.
"""

import sys

import django
from django.core.management import CommandError, call_command


def main() -> int:
    django.setup()
    try:
        call_command(*sys.argv[1:])
    except CommandError as error:
        print(f"{sys.argv[1]}: {error}", file=sys.stderr)
        return error.returncode
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
