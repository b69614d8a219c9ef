"""`python -m alchemist_desktop` is the same as the `alchemist-desktop` command."""

from alchemist_desktop.app.main import main

if __name__ == "__main__":
    main()
