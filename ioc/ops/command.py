"""`python -m ioc.ops.command NAME … [+ NAME …]`: Django commands without the system checks.

The checks would load every page and address of the platform into each part, at each start.
Commands joined by ``+`` run one after the other in one process; only the last decides how it ends.
"""

import sys

import django
from django.core.management import CommandError, call_command


def run(argv: list[str]) -> int:
    """Run one command; its exit code."""
    try:
        call_command(*argv)
    except CommandError as error:
        print(f"{argv[0]}: {error}", file=sys.stderr)
        return error.returncode
    except KeyboardInterrupt:
        return 130
    return 0


def main() -> int:
    django.setup()
    rest, code = sys.argv[1:], 0
    while rest:
        end = rest.index("+") if "+" in rest else len(rest)
        code = run(rest[:end])
        rest = rest[end + 1 :]
    return code


if __name__ == "__main__":
    sys.exit(main())
