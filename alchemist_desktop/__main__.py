"""`python -m alchemist_desktop` is the same as the `alchemist-desktop` command."""

if __name__ == "__main__":
    # Only here: each worker process imports this module too, and needs nothing of the command line.
    from alchemist_desktop.app.main import main

    main()
